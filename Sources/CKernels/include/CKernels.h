// Kernels that need instruction sets beyond the compiler's default, and questions about the processor.
// Each kernel has a plain Swift twin in Kernels/PlainKernels; shapes and rules are documented there.
#pragma once
#include <stddef.h>
#include <stdint.h>

// 1 where processor and operating system offer AVX2 and FMA, or the AVX-512 sets of Skylake-X.
int microfold_has_avx2(void);
int microfold_has_avx512(void);
// The processor's name, family and model as one line of at most size - 1 characters.
void microfold_processor_name(char *text, size_t size);
// Sets what `ps` and `pgrep` show for the calling thread (the process, on its first thread): 15 characters.
void microfold_set_process_name(const char *name);
