// The loops that measure the machine, for AVX2: eight floats at a time.
#include "Roofs.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))
#define NAME(kernel) microfold_##kernel##_avx2
#define LANES 8
#define VECTOR __m256
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define ALL _mm256_set1_ps
#define FUSED _mm256_fmadd_ps

#include "roofs_body.h"
