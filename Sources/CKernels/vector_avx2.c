// The kernels for AVX2 and FMA: eight floats at a time.
#include "CKernels.h"
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma")))
#define NAME(kernel) microfold_##kernel##_avx2
#define LANES 8
// Rows of a product's tile: twelve sums, two vectors and a number fill the sixteen registers.
#define ROWS 6
#define VECTOR __m256
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define ALL _mm256_set1_ps
#define FUSED _mm256_fmadd_ps
#define TWICE_LESS(sum, t2) _mm256_fmsub_ps(_mm256_set1_ps(2), sum, t2)
#define MASK __m256i
#define MASK_OF(count) _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define MASKED_LOAD(mask, from) _mm256_maskload_ps(from, mask)
// The masked store of AVX2 is slow on many processors: the few floats of a tail go one by one.
#define MASKED_STORE(mask, to, vector, count)                    \
  do {                                                           \
    float tail[LANES];                                           \
    STORE(tail, vector);                                         \
    memcpy(to, tail, (count) * sizeof(float));                   \
  } while (0)

// Choices between vectors; the winner's number travels as the bits of a float.
#define SUM _mm256_add_ps
#define CHOICE __m256
#define WINS(value, best) \
  _mm256_or_ps(_mm256_cmp_ps(value, best, _CMP_GT_OQ), _mm256_cmp_ps(value, value, _CMP_UNORD_Q))
#define PICK(choice, yes, no) _mm256_blendv_ps(no, yes, choice)
#define NUMBER(number) _mm256_castsi256_ps(_mm256_set1_epi32(number))
// The second operand where either is NaN or both are zero.
#define AT_LEAST_ZERO(value) _mm256_max_ps(ALL(0), value)
#define WHERE_POSITIVE(value, vector) _mm256_and_ps(_mm256_cmp_ps(value, ALL(0), _CMP_GT_OQ), vector)
#define WHERE_EQUAL(index, number, vector)                                                                      \
  _mm256_and_ps(                                                                                                \
    _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_castps_si256(index), _mm256_set1_epi32(number))), vector)

#include "sparse_body.h"
#include "pool_body.h"
#include "layer_body.h"
#include "product_body.h"
