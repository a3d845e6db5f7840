// Resizing, warping and blurring of single planes.

#include "guard.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace {

using vision::fail;
using vision::fits;
using vision::guarded;
using vision::over;

struct Plane {
  const float *pixels;
  int32_t width, height;

  // Bilinear; a place outside, or not a number, is moved to the border.
  float at(double x, double y) const {
    x = x > 0 ? std::min(x, double(width - 1)) : 0;
    y = y > 0 ? std::min(y, double(height - 1)) : 0;
    int32_t left = std::min(int32_t(x), std::max(width - 2, 0));
    int32_t top = std::min(int32_t(y), std::max(height - 2, 0));
    int32_t right = std::min(left + 1, width - 1), bottom = std::min(top + 1, height - 1);
    double across = x - left, down = y - top;
    const float *upper = pixels + size_t(top) * size_t(width);
    const float *lower = pixels + size_t(bottom) * size_t(width);
    double above = upper[left] + (double(upper[right]) - upper[left]) * across;
    double below = lower[left] + (double(lower[right]) - lower[left]) * across;
    return float(above + (below - above) * down);
  }
};

template <typename Value>
VisionStatus resized(
    const Value *source, int32_t width, int32_t height, Value *out, int32_t out_width, int32_t out_height) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height) || !fits(out_width, out_height)) {
      return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    }
    cv::Mat target = over(out, out_width, out_height);
    bool grows = out_width > width || out_height > height;
    cv::resize(
        over(source, width, height), target, target.size(), 0, 0, grows ? cv::INTER_CUBIC : cv::INTER_AREA);
    return VISION_DONE;
  });
}

} // namespace

extern "C" {

VisionStatus vision_resize(
    const uint8_t *source, int32_t width, int32_t height, uint8_t *out, int32_t out_width, int32_t out_height) {
  return resized(source, width, height, out, out_width, out_height);
}

VisionStatus vision_resize_float(
    const float *source, int32_t width, int32_t height, float *out, int32_t out_width, int32_t out_height) {
  return resized(source, width, height, out, out_width, out_height);
}

VisionStatus vision_remap(
    const float *source, int32_t width, int32_t height, const float *map_x, const float *map_y, float *out,
    int32_t out_width, int32_t out_height) {
  if (!fits(width, height) || !fits(out_width, out_height)) {
    return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
  }
  Plane plane{source, width, height};
  size_t area = size_t(out_width) * size_t(out_height);
  for (size_t pixel = 0; pixel < area; pixel++) out[pixel] = plane.at(map_x[pixel], map_y[pixel]);
  return VISION_DONE;
}

VisionStatus vision_warp_affine(
    const float *source, int32_t width, int32_t height, const double matrix[6], float *out, int32_t out_width,
    int32_t out_height) {
  if (!fits(width, height) || !fits(out_width, out_height)) {
    return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
  }
  Plane plane{source, width, height};
  for (int32_t y = 0; y < out_height; y++) {
    for (int32_t x = 0; x < out_width; x++) {
      double from_x = matrix[0] * x + matrix[1] * y + matrix[2], from_y = matrix[3] * x + matrix[4] * y + matrix[5];
      out[size_t(y) * size_t(out_width) + size_t(x)] = plane.at(from_x, from_y);
    }
  }
  return VISION_DONE;
}

VisionStatus vision_blur(const float *source, int32_t width, int32_t height, double deviation, float *out) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height)) return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    if (!(deviation >= 0 && deviation < 1e4)) return fail(VISION_FAILED, "a blur that is not 0 to 10,000 pixels");
    cv::Mat blurred, plane = over(source, width, height);
    if (deviation > 0) {
      cv::GaussianBlur(plane, blurred, cv::Size(), deviation, deviation, cv::BORDER_REFLECT_101);
    } else {
      plane.copyTo(blurred);
    }
    blurred.copyTo(over(out, width, height));
    return VISION_DONE;
  });
}

} // extern "C"
