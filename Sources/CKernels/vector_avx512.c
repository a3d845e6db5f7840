// The kernels for AVX-512: sixteen floats at a time.
#include "CKernels.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define NAME(kernel) microfold_##kernel##_avx512
#define LANES 16
// Rows of a product's tile: sixteen sums are enough to hide the latency of a multiply-add.
#define ROWS 8
#define VECTOR __m512
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define ALL _mm512_set1_ps
#define FUSED _mm512_fmadd_ps
#define TWICE_LESS(sum, t2) _mm512_fmsub_ps(_mm512_set1_ps(2), sum, t2)
#define MASK __mmask16
#define MASK_OF(count) ((__mmask16)((1u << (count)) - 1))
#define MASKED_LOAD(mask, from) _mm512_maskz_loadu_ps(mask, from)
#define MASKED_STORE(mask, to, vector, count) _mm512_mask_storeu_ps(to, mask, vector)

// Choices between vectors; the winner's number travels as the bits of a float.
#define SUM _mm512_add_ps
#define CHOICE __mmask16
#define WINS(value, best) \
  (_mm512_cmp_ps_mask(value, best, _CMP_GT_OQ) | _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q))
#define PICK(choice, yes, no) _mm512_mask_mov_ps(no, choice, yes)
#define NUMBER(number) _mm512_castsi512_ps(_mm512_set1_epi32(number))
// The second operand where either is NaN or both are zero.
#define AT_LEAST_ZERO(value) _mm512_max_ps(ALL(0), value)
#define WHERE_POSITIVE(value, vector) _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(value, ALL(0), _CMP_GT_OQ), vector)
#define WHERE_EQUAL(index, number, vector)                                                                      \
  _mm512_maskz_mov_ps(_mm512_cmpeq_epi32_mask(_mm512_castps_si512(index), _mm512_set1_epi32(number)), vector)

#include "sparse_body.h"
#include "pool_body.h"
#include "layer_body.h"
#include "product_body.h"
