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

// One draw of SplitMix64 a float, as in CounterRandom: zero where its upper 24 bits are below the threshold.
TARGET void NAME(mask)(size_t count, uint64_t base, uint64_t index, uint32_t threshold, float factor,
                       float *restrict target) {
  for (size_t i = 0; i < count; i++) {
    uint64_t z = base + (index + i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z = z ^ (z >> 31);
    target[i] = (uint32_t)(z >> 40) < threshold ? 0 : factor;
  }
}
