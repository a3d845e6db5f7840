void microfold_kernels_placeholder(void);
