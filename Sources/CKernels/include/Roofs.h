// The roofs of the machine, for benchmarks: loops that do nothing but what bounds a kernel. No network runs them.
#pragma once
#include <stddef.h>

// Multiply-adds on registers alone: twelve chains of one vector, `rounds` times each. The sum keeps the work alive.
float microfold_roof_fma_avx2(size_t rounds);
float microfold_roof_fma_avx512(size_t rounds);
// Σ x y, `passes` times over: two loads for every multiply-add. Whole blocks of twelve vectors; the rest is left out.
float microfold_roof_pairs_avx2(const float *x, const float *y, size_t count, size_t passes);
float microfold_roof_pairs_avx512(const float *x, const float *y, size_t count, size_t passes);
// a = b + s c: two streams read, one written. Whole blocks of four vectors only.
void microfold_roof_triad_avx2(size_t count, float s, const float *b, const float *c, float *a);
void microfold_roof_triad_avx512(size_t count, float s, const float *b, const float *c, float *a);
