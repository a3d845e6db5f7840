// Decoding, encoding and text: what OpenCV's image codecs and drawing do.

#include "guard.hpp"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>
#include <vector>

namespace {

using vision::fail;
using vision::fits;
using vision::guarded;
using vision::over;

VisionStatus decode(const uint8_t *bytes, size_t count, int32_t width, int32_t height, int flags, cv::Mat &image) {
  int32_t stated_width = 0, stated_height = 0;
  VisionStatus status = vision_probe(bytes, count, &stated_width, &stated_height);
  if (status != VISION_DONE) return status;
  if (stated_width != width || stated_height != height) return fail(VISION_FAILED, "not the size of the image");
  cv::Mat source(1, int(count), CV_8U, const_cast<uint8_t *>(bytes));
  // The header was walked; what a decoder still throws or leaves empty is damage inside the pixels.
  try {
    image = cv::imdecode(source, flags | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception &) {
    image = cv::Mat();
  }
  if (image.empty()) return fail(VISION_DAMAGED, "the pixels cannot be decoded");
  if (image.cols != width || image.rows != height) return fail(VISION_DAMAGED, "the pixels contradict the header");
  return VISION_DONE;
}

VisionStatus encode(
    const char *format, const cv::Mat &image, const std::vector<int> &settings, VisionSink sink, void *context) {
  std::vector<uint8_t> bytes;
  if (!cv::imencode(format, image, bytes, settings)) return fail(VISION_FAILED, "the image cannot be encoded");
  sink(context, bytes.data(), bytes.size());
  return VISION_DONE;
}

cv::Mat merged(const uint8_t *planes, int32_t width, int32_t height) {
  size_t area = size_t(width) * size_t(height);
  std::vector<cv::Mat> channels = {
      over(planes + 2 * area, width, height), over(planes + area, width, height), over(planes, width, height)};
  cv::Mat image;
  cv::merge(channels, image);
  return image;
}

void split(const cv::Mat &image, uint8_t *planes) {
  size_t area = size_t(image.cols) * size_t(image.rows);
  std::vector<cv::Mat> channels = {
      over(planes + 2 * area, image.cols, image.rows), over(planes + area, image.cols, image.rows),
      over(planes, image.cols, image.rows)};
  cv::split(image, channels);
}

constexpr int font = cv::FONT_HERSHEY_SIMPLEX;
constexpr double capital_px = 21.0; // of this font at scale 1

std::string ascii(const char *text) {
  std::string plain;
  for (const char *place = text; *place; place++) {
    auto byte = static_cast<unsigned char>(*place);
    if ((byte & 0xC0) == 0x80) continue; // the rest of a character that already became a question mark
    plain += byte >= 32 && byte < 127 ? char(byte) : '?';
  }
  return plain;
}

} // namespace

extern "C" {

VisionStatus vision_decode_grey(const uint8_t *bytes, size_t count, int32_t width, int32_t height, uint8_t *grey) {
  return guarded([&]() -> VisionStatus {
    cv::Mat image;
    VisionStatus status = decode(bytes, count, width, height, cv::IMREAD_GRAYSCALE, image);
    if (status == VISION_DONE) image.copyTo(over(grey, width, height));
    return status;
  });
}

VisionStatus vision_decode_planes(const uint8_t *bytes, size_t count, int32_t width, int32_t height, uint8_t *planes) {
  return guarded([&]() -> VisionStatus {
    cv::Mat image;
    VisionStatus status = decode(bytes, count, width, height, cv::IMREAD_COLOR, image);
    if (status == VISION_DONE) split(image, planes);
    return status;
  });
}

VisionStatus vision_encode_png_grey(
    const uint8_t *grey, int32_t width, int32_t height, VisionSink sink, void *context) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height)) return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    return encode(".png", over(grey, width, height), {}, sink, context);
  });
}

VisionStatus vision_encode_png_planes(
    const uint8_t *planes, int32_t width, int32_t height, VisionSink sink, void *context) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height)) return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    return encode(".png", merged(planes, width, height), {}, sink, context);
  });
}

VisionStatus vision_encode_jpeg_grey(
    const uint8_t *grey, int32_t width, int32_t height, int32_t quality, VisionSink sink, void *context) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height)) return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    return encode(".jpg", over(grey, width, height), {cv::IMWRITE_JPEG_QUALITY, quality}, sink, context);
  });
}

VisionStatus vision_draw_text(
    uint8_t *planes, int32_t width, int32_t height, const char *text, int32_t x, int32_t y, double height_px,
    uint8_t red, uint8_t green, uint8_t blue) {
  return guarded([&]() -> VisionStatus {
    if (!fits(width, height)) return fail(VISION_TOO_LARGE, "an image of a size that is not allowed");
    cv::Mat image = merged(planes, width, height);
    int thickness = height_px > 24 ? 2 : 1;
    cv::putText(
        image, ascii(text), cv::Point(x, y), font, height_px / capital_px, cv::Scalar(blue, green, red), thickness,
        cv::LINE_AA);
    split(image, planes);
    return VISION_DONE;
  });
}

int32_t vision_text_width(const char *text, double height_px) {
  int32_t width = 0;
  guarded([&]() -> VisionStatus {
    width = cv::getTextSize(ascii(text), font, height_px / capital_px, 1, nullptr).width;
    return VISION_DONE;
  });
  return width;
}

} // extern "C"
