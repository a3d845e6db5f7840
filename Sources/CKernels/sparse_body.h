// The sparse product for one instruction set, named by the macros of the file that includes this.
//
// A row of the result is made in blocks of eight, four, two and one vectors and a masked tail, so that the sums stay
// in registers while the row's entries go by. The order of the entries fixes the bits, the blocks do not.

#define SUMS(count) \
  do { \
    VECTOR sum[count]; \
    for (int v = 0; v < (count); v++) sum[v] = ALL(0); \
    for (int32_t entry = first; entry < end; entry++) { \
      const float *source = x + (size_t)column[entry] * x_stride + done; \
      VECTOR factor = ALL(value[entry]); \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < (count); v++) sum[v] = \
          FUSED(factor, LOAD(source + v * LANES), sum[v]); \
    } \
    for (int v = 0; v < (count); v++) { \
      float *target = y + row * y_stride + done + v * LANES; \
      if (t2) sum[v] = TWICE_LESS(sum[v], LOAD(t2 + row * t2_stride + done + v * LANES)); \
      STORE(target, sum[v]); \
    } \
    done += (count) * LANES; \
  } while (0)

// One feature: a scalar chain for each row; rows overlap in the processor.
TARGET static void NAME(hop_one)(const int32_t *row_start, const int32_t *column, const float *value, size_t rows,
                                 const float *x, size_t x_stride, const float *t2, size_t t2_stride, float *y,
                                 size_t y_stride) {
  for (size_t row = 0; row < rows; row++) {
    float sum = 0;
    for (int32_t entry = row_start[row]; entry < row_start[row + 1]; entry++)
      sum = __builtin_fmaf(value[entry], x[(size_t)column[entry] * x_stride], sum);
    y[row * y_stride] = t2 ? 2 * sum - t2[row * t2_stride] : sum;
  }
}

// Two to four features: a quarter of the loads of a whole vector crosses a cache line.
TARGET static void NAME(hop_few)(const int32_t *row_start, const int32_t *column, const float *value, size_t rows,
                                 const float *x, size_t x_stride, const float *t2, size_t t2_stride, size_t width,
                                 float *y, size_t y_stride) {
  __m128i mask = _mm_cmpgt_epi32(_mm_set1_epi32((int)width), _mm_setr_epi32(0, 1, 2, 3));
  for (size_t row = 0; row < rows; row++) {
    __m128 sum = _mm_setzero_ps();
    for (int32_t entry = row_start[row]; entry < row_start[row + 1]; entry++) {
      __m128 source = _mm_maskload_ps(x + (size_t)column[entry] * x_stride, mask);
      sum = _mm_fmadd_ps(_mm_set1_ps(value[entry]), source, sum);
    }
    if (t2) sum = _mm_fmsub_ps(_mm_set1_ps(2), sum, _mm_maskload_ps(t2 + row * t2_stride, mask));
    float few[4];
    _mm_storeu_ps(few, sum);
    for (size_t i = 0; i < width; i++) y[row * y_stride + i] = few[i];
  }
}

TARGET void NAME(hop)(const int32_t *row_start, const int32_t *column, const float *value, size_t rows, const float *x,
                      size_t x_stride, const float *t2, size_t t2_stride, size_t width, float *y, size_t y_stride) {
  if (width == 1) {
    NAME(hop_one)(row_start, column, value, rows, x, x_stride, t2, t2_stride, y, y_stride);
    return;
  }
  if (width <= 4) {
    NAME(hop_few)(row_start, column, value, rows, x, x_stride, t2, t2_stride, width, y, y_stride);
    return;
  }
  size_t rest = width % LANES;
  MASK mask = MASK_OF(rest);
  for (size_t row = 0; row < rows; row++) {
    int32_t first = row_start[row], end = row_start[row + 1];
    size_t done = 0;
    while (width - done >= 8 * LANES) SUMS(8);
    if (width - done >= 4 * LANES) SUMS(4);
    if (width - done >= 2 * LANES) SUMS(2);
    if (width - done >= LANES) SUMS(1);
    if (rest == 0) continue;
    VECTOR sum = ALL(0);
    for (int32_t entry = first; entry < end; entry++)
      sum = FUSED(ALL(value[entry]), MASKED_LOAD(mask, x + (size_t)column[entry] * x_stride + done), sum);
    if (t2) sum = TWICE_LESS(sum, MASKED_LOAD(mask, t2 + row * t2_stride + done));
    MASKED_STORE(mask, y + row * y_stride + done, sum, rest);
  }
}
