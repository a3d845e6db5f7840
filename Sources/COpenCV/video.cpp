// Video files, frame by frame.
//
// The library that decodes them drags in a hundred others: linked, it would cost every process 30 ms and 19 MiB. So it
// is loaded when the first video is opened. One name is looked up, the constructor; all else that is called is virtual.

#include "guard.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

using vision::fail;
using vision::fits;
using vision::guarded;
using vision::over;

namespace {

using Construct = void (*)(void *);

// FFmpeg speaks on standard error of what is reported through the status, and a file may ask it to read others.
void quieten() {
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
  setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "protocol_whitelist;file", 1);
}

// The constructor of cv::VideoCapture; null where the library is not installed.
Construct constructor() {
  static Construct found = [] {
    quieten();
    char name[64];
    std::snprintf(name, sizeof name, "libopencv_videoio.so.%d%02d", CV_VERSION_MAJOR, CV_VERSION_MINOR);
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    return library ? reinterpret_cast<Construct>(dlsym(library, "_ZN2cv12VideoCaptureC1Ev")) : nullptr;
  }();
  return found;
}

} // namespace

struct VisionVideo {
  alignas(cv::VideoCapture) unsigned char memory[sizeof(cv::VideoCapture)];
  cv::VideoCapture *capture = nullptr;
  int32_t width = 0, height = 0;

  VisionVideo() = default;
  VisionVideo(const VisionVideo &) = delete;
  VisionVideo &operator=(const VisionVideo &) = delete;
  ~VisionVideo() {
    if (capture) capture->~VideoCapture();
  }
};

extern "C" {

VisionStatus vision_video_open(
    const char *path, VisionVideo **video, int32_t *width, int32_t *height, int32_t *frames) {
  return guarded([&]() -> VisionStatus {
    *video = nullptr;
    Construct construct = constructor();
    if (!construct) return fail(VISION_FAILED, "OpenCV's library for videos is not installed (libopencv-videoio)");
    auto opened = std::make_unique<VisionVideo>();
    construct(opened->memory);
    opened->capture = std::launder(reinterpret_cast<cv::VideoCapture *>(opened->memory));
    if (!opened->capture->open(path, cv::CAP_FFMPEG)) return fail(VISION_NOT_AN_IMAGE, "no frame can be decoded");
    double stated_width = opened->capture->get(cv::CAP_PROP_FRAME_WIDTH);
    double stated_height = opened->capture->get(cv::CAP_PROP_FRAME_HEIGHT);
    if (!(stated_width >= 1 && stated_height >= 1)) return fail(VISION_DAMAGED, "its frames have no size");
    if (!(stated_width * stated_height <= VISION_PIXEL_LIMIT)) {
      return fail(VISION_TOO_LARGE, "its frames are larger than 40 million pixels");
    }
    *width = opened->width = int32_t(stated_width);
    *height = opened->height = int32_t(stated_height);
    double stated_frames = opened->capture->get(cv::CAP_PROP_FRAME_COUNT);
    *frames = stated_frames >= 1 && stated_frames <= 1e9 ? int32_t(stated_frames) : 0;
    *video = opened.release();
    return VISION_DONE;
  });
}

void vision_video_close(VisionVideo *video) { delete video; }

VisionStatus vision_video_next(VisionVideo *video, uint8_t *grey, int32_t *is_there) {
  return guarded([&]() -> VisionStatus {
    *is_there = video->capture->grab() ? 1 : 0;
    if (!*is_there || !grey) return VISION_DONE;
    cv::Mat frame;
    if (!video->capture->retrieve(frame) || frame.empty()) return fail(VISION_DAMAGED, "a frame cannot be decoded");
    if (frame.type() != CV_8UC3 || frame.cols != video->width || frame.rows != video->height) {
      return fail(VISION_DAMAGED, "a frame has another size than the first");
    }
    // Through a PNG, so that a video has the greys of a folder of its frames: each codec turns colour to grey its way.
    std::vector<uint8_t> bytes;
    if (!cv::imencode(".png", frame, bytes, {cv::IMWRITE_PNG_COMPRESSION, 0})) {
      return fail(VISION_FAILED, "a frame cannot be encoded");
    }
    cv::Mat image = cv::imdecode(bytes, cv::IMREAD_GRAYSCALE);
    if (image.empty()) return fail(VISION_FAILED, "a frame cannot be decoded");
    image.copyTo(over(grey, video->width, video->height));
    return VISION_DONE;
  });
}

} // extern "C"
