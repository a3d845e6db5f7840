// The loops that measure the machine, for AVX-512: sixteen floats at a time.
#include "Roofs.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx2,fma")))
#define NAME(kernel) microfold_##kernel##_avx512
#define LANES 16
#define VECTOR __m512
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define ALL _mm512_set1_ps
#define FUSED _mm512_fmadd_ps

#include "roofs_body.h"
