// Kernels that need instruction sets beyond the compiler's default, and questions about the processor.
// Each kernel has a plain Swift twin in Kernels/PlainKernels; shapes and rules are documented there.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "Roofs.h"

// 1 where processor and operating system offer AVX2 and FMA, or the AVX-512 sets of Skylake-X.
int microfold_has_avx2(void);
int microfold_has_avx512(void);
// The processor's name, family and model as one line of at most size - 1 characters.
void microfold_processor_name(char *text, size_t size);
// Sets what `ps` and `pgrep` show for the calling thread (the process, on its first thread): 15 characters.
void microfold_set_process_name(const char *name);

// y = M x (t2 null) or y = 2 M x - t2. CSR, rows of x, t2 and y a stride apart; y may be t2, never x. Every element is
// one chain of fused multiply-adds over the entries in their order, so all of these agree bit by bit.
void microfold_hop_avx2(const int32_t *row_start, const int32_t *column, const float *value, size_t rows,
                        const float *x, size_t x_stride, const float *t2, size_t t2_stride, size_t width, float *y,
                        size_t y_stride);
void microfold_hop_avx512(const int32_t *row_start, const int32_t *column, const float *value, size_t rows,
                          const float *x, size_t x_stride, const float *t2, size_t t2_stride, size_t width, float *y,
                          size_t y_stride);

// C = A B or C += A B. A is rows x inner, element (row, step) at left[row * left_row + step * left_step]; B is inner x
// columns in panels of 32 columns (AVX-512) or 16 (AVX2): a panel's steps lie right_step apart, panels right_panel.
void microfold_product_avx2(size_t rows, size_t columns, size_t inner, const float *left, size_t left_row,
                            size_t left_step, const float *right, size_t right_step, size_t right_panel, float *c,
                            size_t c_row, int adds);
void microfold_product_avx512(size_t rows, size_t columns, size_t inner, const float *left, size_t left_row,
                              size_t left_step, const float *right, size_t right_step, size_t right_panel, float *c,
                              size_t c_row, int adds);

// Bias, ReLU, maximum over the children of each parent with the index of the winner, in one pass; and its gradient.
void microfold_pool_avx2(const float *z, const float *bias, const int32_t *children, size_t parents, size_t filters,
                         float *output, int32_t *winner);
void microfold_pool_avx512(const float *z, const float *bias, const int32_t *children, size_t parents, size_t filters,
                           float *output, int32_t *winner);
void microfold_pool_gradient_avx2(const float *gradient, const float *output, const int32_t *winner,
                                  const int32_t *children, size_t parents, size_t filters, float *z_gradient,
                                  float *bias_gradient);
void microfold_pool_gradient_avx512(const float *gradient, const float *output, const int32_t *winner,
                                    const int32_t *children, size_t parents, size_t filters, float *z_gradient,
                                    float *bias_gradient);

// One step of Adam with decoupled weight decay.
typedef struct {
  float beta1, beta2, rest1, rest2, correction1, correction2, epsilon, rate, keep;
} microfold_adam_step;

void microfold_adam_avx2(size_t count, float *parameters, const float *gradients, float *first, float *second,
                         microfold_adam_step step);
void microfold_adam_avx512(size_t count, float *parameters, const float *gradients, float *first, float *second,
                           microfold_adam_step step);

// Dropout: draws `index` and those after it of the stream `base`; zero where a draw's 24 bits are below the threshold.
void microfold_mask_avx2(size_t count, uint64_t base, uint64_t index, uint32_t threshold, float factor, float *target);
void microfold_mask_avx512(size_t count, uint64_t base, uint64_t index, uint32_t threshold, float factor,
                           float *target);
