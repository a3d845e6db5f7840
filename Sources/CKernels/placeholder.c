#include "CKernels.h"
void microfold_kernels_placeholder(void) {}
