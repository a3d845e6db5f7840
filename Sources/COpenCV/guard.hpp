// What every function of the door shares: the guard that turns exceptions into a status, and the settings of OpenCV.

#ifndef COPENCV_GUARD_HPP
#define COPENCV_GUARD_HPP

#include <opencv2/core.hpp>

#include <string>

#include "include/COpenCV.h"

namespace vision {

/// Remembers why this thread's call failed and returns the status.
VisionStatus fail(VisionStatus status, const std::string &why) noexcept;

/// Sets OpenCV to one thread, baseline code and silence; once for the process, before its first use.
void prepare();

/// Whether a plane of this size may be handled at all.
bool fits(int32_t width, int32_t height) noexcept;

/// Remembers the exception that is in flight.
VisionStatus failInFlight() noexcept;

/// Runs `body`, which returns a status; an exception becomes VISION_FAILED.
template <typename Body> VisionStatus guarded(Body body) noexcept {
  try {
    prepare();
    return body();
  } catch (...) {
    return failInFlight();
  }
}

/// A header over the caller's memory. OpenCV has no const matrix: callers only read through this one.
template <typename Value> cv::Mat over(const Value *memory, int32_t width, int32_t height) {
  return cv::Mat(height, width, cv::DataType<Value>::type, const_cast<Value *>(memory));
}

} // namespace vision

#endif
