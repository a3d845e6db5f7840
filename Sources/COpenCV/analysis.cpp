// Optical flow and face detection.

#include "guard.hpp"

#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <opencv2/optflow.hpp>

#include <memory>
#include <vector>

using vision::fail;
using vision::fits;
using vision::guarded;
using vision::over;

namespace {

// TV-L1 takes the outside of an image for black, and so sees false movement at a bright border: up to a pixel where the
// face moves 0.2. With its border repeated a few pixels outwards it does not, at no cost that can be measured.
constexpr int border = 4;

// OpenCV takes bytes, or floats from 0 to 1.
cv::Mat widened(const float *plane, int32_t width, int32_t height) {
  cv::Mat scaled, wide;
  over(plane, width, height).convertTo(scaled, CV_32F, 1.0 / 255);
  cv::copyMakeBorder(scaled, wide, border, border, border, border, cv::BORDER_REPLICATE);
  return wide;
}

} // namespace

struct VisionDetector {
  cv::CascadeClassifier cascade;
};

extern "C" {

VisionStatus vision_flow(const float *first, const float *second, int32_t width, int32_t height, float *u, float *v) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height)) return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    cv::Mat from = widened(first, width, height), to = widened(second, width, height), flow;
    // A new instance for each call: an instance keeps buffers and would tie callers' threads together.
    cv::optflow::DualTVL1OpticalFlow::create()->calc(from, to, flow);
    std::vector<cv::Mat> channels = {over(u, width, height), over(v, width, height)};
    cv::split(flow(cv::Rect(border, border, width, height)), channels);
    return VISION_DONE;
  });
}

VisionDetector *vision_detector_open(const char *path) {
  std::unique_ptr<VisionDetector> detector;
  VisionStatus status = guarded([&]() -> VisionStatus {
    detector = std::make_unique<VisionDetector>();
    if (!detector->cascade.load(path)) return fail(VISION_FAILED, "no cascade can be read from " + std::string(path));
    return VISION_DONE;
  });
  return status == VISION_DONE ? detector.release() : nullptr;
}

void vision_detector_close(VisionDetector *detector) { delete detector; }

VisionStatus vision_detect_faces(
    VisionDetector *detector, const uint8_t *grey, int32_t width, int32_t height, int32_t smallest_side,
    VisionBox *boxes, int32_t capacity, int32_t *found) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height)) return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    cv::Mat equalised;
    cv::equalizeHist(over(grey, width, height), equalised);
    std::vector<cv::Rect> faces;
    detector->cascade.detectMultiScale(equalised, faces, 1.1, 5, 0, cv::Size(smallest_side, smallest_side));
    *found = int32_t(faces.size());
    for (int32_t place = 0; place < std::min(*found, capacity); place++) {
      const cv::Rect &face = faces[size_t(place)];
      boxes[place] = {face.x, face.y, face.width, face.height};
    }
    return VISION_DONE;
  });
}

} // extern "C"
