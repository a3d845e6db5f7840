void microfold_opencv_placeholder(void);
