// The loops that measure the machine, for any width of vector; TARGET, NAME, LANES, VECTOR, LOAD, STORE, ALL and FUSED
// come from the file that includes this one.
//
// Twelve chains cover a latency of four cycles on up to three units and fit the sixteen registers of AVX2.
#define CHAINS 12

static TARGET float NAME(roof_sum)(const VECTOR *chain) {
  float lanes[LANES], sum = 0;
  for (int c = 0; c < CHAINS; c++) {
    STORE(lanes, chain[c]);
    for (int i = 0; i < LANES; i++) sum += lanes[i];
  }
  return sum;
}

TARGET float NAME(roof_fma)(size_t rounds) {
  // Contracting towards 1: no chain overflows, and none becomes subnormal.
  const VECTOR factor = ALL(0.5f), term = ALL(0.5f);
  VECTOR chain[CHAINS];
  for (int c = 0; c < CHAINS; c++) chain[c] = ALL(1 + 0.25f * (float)c);
  for (size_t round = 0; round < rounds; round++) {
#pragma GCC unroll 12
    for (int c = 0; c < CHAINS; c++) chain[c] = FUSED(chain[c], factor, term);
  }
  return NAME(roof_sum)(chain);
}

TARGET float NAME(roof_pairs)(const float *x, const float *y, size_t count, size_t passes) {
  VECTOR chain[CHAINS];
  for (int c = 0; c < CHAINS; c++) chain[c] = ALL(0);
  for (size_t pass = 0; pass < passes; pass++) {
    for (size_t i = 0; i + CHAINS * LANES <= count; i += CHAINS * LANES) {
#pragma GCC unroll 12
      for (int c = 0; c < CHAINS; c++) chain[c] = FUSED(LOAD(x + i + c * LANES), LOAD(y + i + c * LANES), chain[c]);
    }
  }
  return NAME(roof_sum)(chain);
}

TARGET void NAME(roof_triad)(size_t count, float s, const float *b, const float *c, float *a) {
  const VECTOR factor = ALL(s);
  for (size_t i = 0; i + 4 * LANES <= count; i += 4 * LANES) {
#pragma GCC unroll 4
    for (size_t j = i; j < i + 4 * LANES; j += LANES) STORE(a + j, FUSED(factor, LOAD(c + j), LOAD(b + j)));
  }
}
