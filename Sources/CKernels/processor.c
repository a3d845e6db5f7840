// Questions about the processor.
#include "CKernels.h"
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

int microfold_has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

int microfold_has_avx512(void) {
  __builtin_cpu_init();
  return microfold_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

void microfold_processor_name(char *text, size_t size) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  char brand[49] = "unknown processor";
  if (__get_cpuid(0x80000000u, &a, &b, &c, &d) && a >= 0x80000004u) {
    unsigned words[12];
    for (unsigned leaf = 0; leaf < 3; leaf++)
      __get_cpuid(
        0x80000002u + leaf, words + 4 * leaf, words + 4 * leaf + 1, words + 4 * leaf + 2, words + 4 * leaf + 3);
    memcpy(brand, words, 48);
    brand[48] = 0;
  }
  const char *start = brand;
  while (*start == ' ') start++;
  size_t length = strlen(start);
  while (length > 0 && start[length - 1] == ' ') length--;
  unsigned family = 0, model = 0;
  if (__get_cpuid(1, &a, &b, &c, &d)) {
    family = (a >> 8) & 15;
    model = ((a >> 4) & 15) | ((a >> 12) & 0xf0);
    if (family == 15) family += (a >> 20) & 255;
  }
  snprintf(text, size, "%.*s (family %u, model %u)", (int)length, start, family, model);
}

void microfold_set_process_name(const char *name) { prctl(PR_SET_NAME, name); }
