// Bias, ReLU and pooling for one instruction set, named by the macros of the file that includes this.
//
// Nothing is fused or reordered: every sum is rounded by itself, so the bits equal those of the plain Swift twins in
// every instruction set. NaN wins and stays: a broken number must reach the loss, where it is noticed.

// The part of a row that one vector holds: all of it, or the `rest` floats at the end.
#define PART_LOAD(from) (rest ? MASKED_LOAD(mask, from) : LOAD(from))
#define PART_STORE(to, vector)                          \
  do {                                                  \
    if (rest) MASKED_STORE(mask, to, vector, rest);     \
    else STORE(to, vector);                             \
  } while (0)

// One vector of filters of every parent; the best value and its child stay in registers.
TARGET static inline __attribute__((always_inline)) void NAME(pool_part)(
  const float *z, const float *bias, const int32_t *children, size_t parents, size_t filters, float *output,
  int32_t *winner, const size_t rest) {
  MASK mask = MASK_OF(rest);
  VECTOR offset = PART_LOAD(bias);
  for (size_t parent = 0; parent < parents; parent++) {
    int32_t first = children[parent], end = children[parent + 1];
    const float *source = z + (ptrdiff_t)first * (ptrdiff_t)filters;
    VECTOR best = SUM(PART_LOAD(source), offset);
    VECTOR index = NUMBER(first);
    for (int32_t child = first + 1; child < end; child++) {
      source += filters;
      VECTOR value = SUM(PART_LOAD(source), offset);
      CHOICE wins = WINS(value, best);
      best = PICK(wins, value, best);
      index = PICK(wins, NUMBER(child), index);
    }
    PART_STORE(output + parent * filters, AT_LEAST_ZERO(best));
    PART_STORE((float *)winner + parent * filters, index);
  }
}

TARGET void NAME(pool)(const float *z, const float *bias, const int32_t *children, size_t parents, size_t filters,
                       float *output, int32_t *winner) {
  size_t done = 0;
  for (; done + LANES <= filters; done += LANES)
    NAME(pool_part)(z + done, bias + done, children, parents, filters, output + done, winner + done, 0);
  if (done < filters)
    NAME(pool_part)(
      z + done, bias + done, children, parents, filters, output + done, winner + done, filters - done);
}

// The gradient of one vector of filters: to the child that won, where its value was above zero.
TARGET static inline __attribute__((always_inline)) void NAME(pool_gradient_part)(
  const float *gradient, const float *output, const int32_t *winner, const int32_t *children, size_t parents,
  size_t filters, float *z_gradient, float *bias_gradient, const size_t rest) {
  MASK mask = MASK_OF(rest);
  VECTOR sum = PART_LOAD(bias_gradient);
  for (size_t parent = 0; parent < parents; parent++) {
    VECTOR passed = WHERE_POSITIVE(PART_LOAD(output + parent * filters), PART_LOAD(gradient + parent * filters));
    VECTOR index = PART_LOAD((const float *)winner + parent * filters);
    int32_t first = children[parent], end = children[parent + 1];
    float *target = z_gradient + (ptrdiff_t)first * (ptrdiff_t)filters;
    for (int32_t child = first; child < end; child++) {
      PART_STORE(target, WHERE_EQUAL(index, child, passed));
      target += filters;
    }
    sum = SUM(sum, passed);
  }
  PART_STORE(bias_gradient, sum);
}

TARGET void NAME(pool_gradient)(const float *gradient, const float *output, const int32_t *winner,
                                const int32_t *children, size_t parents, size_t filters, float *z_gradient,
                                float *bias_gradient) {
  size_t done = 0;
  for (; done + LANES <= filters; done += LANES)
    NAME(pool_gradient_part)(
      gradient + done, output + done, winner + done, children, parents, filters, z_gradient + done,
      bias_gradient + done, 0);
  if (done < filters)
    NAME(pool_gradient_part)(
      gradient + done, output + done, winner + done, children, parents, filters, z_gradient + done,
      bias_gradient + done, filters - done);
}
