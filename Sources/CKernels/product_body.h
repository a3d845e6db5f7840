// The dense product for one instruction set, named by the macros of the file that includes this.
//
// A tile of the result, ROWS rows by two vectors, stays in registers while the inner index runs: each step loads two
// vectors of the right factor and multiplies them by one number of each row of the left. Every element is one chain
// of fused multiply-adds in the order of the inner index, so tiles, tails and instruction sets agree bit by bit.

#define PANEL (2 * LANES)
#define EVERY(index, count) _Pragma("clang loop unroll(full)") for (int index = 0; index < (count); index++)
#define IS_PARTIAL(vector) (is_partial && (vector) == vectors - 1)

// `rows`, `vectors` and `is_partial` are constants wherever this is inlined: the loops over them vanish.
TARGET static inline __attribute__((always_inline)) void NAME(tile)(
  const int rows, const int vectors, const int is_partial, size_t inner, const float *left, size_t left_row,
  size_t left_step, const float *right, size_t right_step, float *c, size_t c_row, size_t rest, int adds) {
  MASK mask = MASK_OF(rest);
  VECTOR sum[ROWS][2];
  if (adds) {
    EVERY(row, rows) EVERY(v, vectors) {
      const float *from = c + row * c_row + v * LANES;
      sum[row][v] = IS_PARTIAL(v) ? MASKED_LOAD(mask, from) : LOAD(from);
    }
  } else {
    EVERY(row, rows) EVERY(v, vectors) sum[row][v] = ALL(0);
  }
  for (size_t step = 0; step < inner; step++) {
    VECTOR factor[2];
    EVERY(v, vectors) factor[v] = IS_PARTIAL(v) ? MASKED_LOAD(mask, right + v * LANES) : LOAD(right + v * LANES);
    EVERY(row, rows) {
      VECTOR number = ALL(left[row * left_row]);
      EVERY(v, vectors) sum[row][v] = FUSED(number, factor[v], sum[row][v]);
    }
    left += left_step;
    right += right_step;
  }
  EVERY(row, rows) EVERY(v, vectors) {
    float *to = c + row * c_row + v * LANES;
    if (IS_PARTIAL(v)) MASKED_STORE(mask, to, sum[row][v], rest);
    else STORE(to, sum[row][v]);
  }
}

#define TILE(count) \
  NAME(tile)(count, vectors, is_partial, inner, left, left_row, left_step, right, right_step, c, c_row, rest, adds)

// All rows of one panel of columns; the last few rows in one smaller tile.
TARGET static inline __attribute__((always_inline)) void NAME(panel)(
  const int vectors, const int is_partial, size_t rows, size_t inner, const float *left, size_t left_row,
  size_t left_step, const float *right, size_t right_step, float *c, size_t c_row, size_t rest, int adds) {
  for (; rows >= ROWS; rows -= ROWS) {
    TILE(ROWS);
    left += ROWS * left_row;
    c += ROWS * c_row;
  }
  switch (rows) {
  case 1: TILE(1); break;
  case 2: TILE(2); break;
  case 3: TILE(3); break;
  case 4: TILE(4); break;
  case 5: TILE(5); break;
#if ROWS > 6
  case 6: TILE(6); break;
  case 7: TILE(7); break;
#endif
  }
}

#define COLUMNS(vectors, is_partial)                                                                                  \
  NAME(panel)(vectors, is_partial, rows, inner, left, left_row, left_step, right, right_step, c, c_row, rest, adds)

TARGET void NAME(product)(size_t rows, size_t columns, size_t inner, const float *left, size_t left_row,
                          size_t left_step, const float *right, size_t right_step, size_t right_panel, float *c,
                          size_t c_row, int adds) {
  for (; columns > 0; right += right_panel, c += PANEL) {
    size_t width = columns < PANEL ? columns : PANEL;
    size_t rest = width % LANES;
    if (width == PANEL) COLUMNS(2, 0);
    else if (width > LANES) COLUMNS(2, 1);
    else if (width == LANES) COLUMNS(1, 0);
    else COLUMNS(1, 1);
    columns -= width;
  }
}
