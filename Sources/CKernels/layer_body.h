// Layer and optimiser kernels for one instruction set, named by the macros of the file that includes this.
//
// Plain loops that the compiler turns into vectors. Contraction is off: every product and every sum is rounded by
// itself, so the bits equal those of the plain Swift twins in every instruction set.
#pragma STDC FP_CONTRACT OFF

TARGET void NAME(adam)(size_t count, float *restrict parameters, const float *restrict gradients,
                       float *restrict first, float *restrict second, microfold_adam_step step) {
  for (size_t i = 0; i < count; i++) {
    float gradient = gradients[i];
    float mean = step.beta1 * first[i] + step.rest1 * gradient;
    float square = step.beta2 * second[i] + (step.rest2 * gradient) * gradient;
    first[i] = mean;
    second[i] = square;
    float deviation = __builtin_elementwise_sqrt(square * step.correction2) + step.epsilon;
    parameters[i] = parameters[i] * step.keep - step.rate * ((mean * step.correction1) / deviation);
  }
}

TARGET void NAME(axpy)(size_t count, float a, const float *restrict x, float *restrict y) {
  for (size_t i = 0; i < count; i++) y[i] = y[i] + a * x[i];
}

TARGET void NAME(scale)(size_t count, float a, float *restrict x) {
  for (size_t i = 0; i < count; i++) x[i] = x[i] * a;
}

TARGET void NAME(add_rows)(size_t rows, size_t columns, const float *restrict x, float *restrict sum) {
  for (size_t row = 0; row < rows; row++)
    for (size_t column = 0; column < columns; column++) sum[column] += x[row * columns + column];
}
