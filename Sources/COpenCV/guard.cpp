// The settings of OpenCV and the last message of each thread.

#include "guard.hpp"

#include <opencv2/core/utils/logger.hpp>

#include <mutex>

namespace vision {

namespace {

thread_local std::string message;
std::once_flag prepared;

// OpenCV would print to standard error what is reported through the status.
int keepSilent(int, const char *, const char *, const char *, int, void *) { return 0; }

// OpenCV's messages name its own source files; only the last part tells a user anything.
std::string firstLine(std::string text) {
  auto end = text.find_first_of("\r\n");
  if (end != std::string::npos) text.resize(end);
  return text;
}

} // namespace

void prepare() {
  std::call_once(prepared, [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError(keepSilent);
    // One thread: callers have their own. No dispatched code: AVX2 and AVX-512 variants round differently, and a
    // digest must not depend on the machine that prepared the set.
    cv::setNumThreads(1);
    cv::setUseOptimized(false);
  });
}

VisionStatus fail(VisionStatus status, const std::string &why) noexcept {
  try {
    message = firstLine(why);
  } catch (...) {
    message.clear();
  }
  return status;
}

VisionStatus failInFlight() noexcept {
  try {
    throw;
  } catch (const cv::Exception &error) {
    return fail(VISION_FAILED, error.err);
  } catch (const std::bad_alloc &) {
    return fail(VISION_FAILED, "not enough memory");
  } catch (const std::exception &error) {
    return fail(VISION_FAILED, error.what());
  } catch (...) {
    return fail(VISION_FAILED, "an unknown failure inside OpenCV");
  }
}

bool fits(int32_t width, int32_t height) noexcept {
  return width > 0 && height > 0 && int64_t(width) * height <= VISION_PIXEL_LIMIT;
}

} // namespace vision

extern "C" const char *vision_message(void) { return vision::message.c_str(); }
