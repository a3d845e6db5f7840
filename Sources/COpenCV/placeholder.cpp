extern "C" void microfold_opencv_placeholder(void) {}
