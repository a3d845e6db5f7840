// Counts the allocations of a thread: this library's malloc stands before the C library's in the test program.
#pragma once
#include <stddef.h>

// Allocations of the calling thread since it began.
size_t microfold_test_allocations(void);
