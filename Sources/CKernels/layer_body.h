// Layer and optimiser kernels for one instruction set, named by the macros of the file that includes this.
//
// Plain loops that the compiler turns into vectors. Contraction is off: every product and every sum is rounded by
// itself, so the bits equal those of the plain Swift twins in every instruction set.
#pragma STDC FP_CONTRACT OFF

TARGET void NAME(pool)(const float *restrict z, const float *restrict bias, const int32_t *restrict children,
                       size_t parents, size_t filters, float *restrict output, int32_t *restrict winner) {
  for (size_t parent = 0; parent < parents; parent++) {
    float *restrict best = output + parent * filters;
    int32_t *restrict index = winner + parent * filters;
    int32_t first = children[parent], end = children[parent + 1];
    const float *source = z + (size_t)first * filters;
    for (size_t f = 0; f < filters; f++) {
      best[f] = source[f] + bias[f];
      index[f] = first;
    }
    for (int32_t child = first + 1; child < end; child++) {
      source = z + (size_t)child * filters;
      for (size_t f = 0; f < filters; f++) {
        float value = source[f] + bias[f];
        // NaN wins and stays: a broken number must reach the loss, where it is noticed.
        int wins = (value > best[f]) | (value != value);
        best[f] = wins ? value : best[f];
        index[f] = wins ? child : index[f];
      }
    }
    for (size_t f = 0; f < filters; f++) best[f] = best[f] < 0 ? 0 : best[f];
  }
}

TARGET void NAME(pool_gradient)(const float *restrict gradient, const float *restrict output,
                                const int32_t *restrict winner, const int32_t *restrict children, size_t parents,
                                size_t filters, float *restrict z_gradient, float *restrict bias_gradient) {
  for (size_t parent = 0; parent < parents; parent++) {
    const float *from = gradient + parent * filters;
    const float *value = output + parent * filters;
    const int32_t *index = winner + parent * filters;
    for (int32_t child = children[parent]; child < children[parent + 1]; child++) {
      float *restrict target = z_gradient + (size_t)child * filters;
      for (size_t f = 0; f < filters; f++) target[f] = ((index[f] == child) & (value[f] > 0)) ? from[f] : 0;
    }
    for (size_t f = 0; f < filters; f++) bias_gradient[f] += value[f] > 0 ? from[f] : 0;
  }
}

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
