// Reads what an image file says about itself, and walks its parts to the end, before any decoder sees it.
//
// Why not leave this to the decoders: they print to standard error, a JPEG that ends early decodes to grey stripes
// without an error, and the size must be known before the memory is taken.

#include "guard.hpp"

#include <array>
#include <cstring>

namespace {

struct Bytes {
  const uint8_t *start;
  size_t count;

  uint32_t big32(size_t at) const {
    return uint32_t(start[at]) << 24 | uint32_t(start[at + 1]) << 16 | uint32_t(start[at + 2]) << 8 | start[at + 3];
  }
  uint32_t big16(size_t at) const { return uint32_t(start[at]) << 8 | start[at + 1]; }
  uint32_t little32(size_t at) const {
    return uint32_t(start[at + 3]) << 24 | uint32_t(start[at + 2]) << 16 | uint32_t(start[at + 1]) << 8 | start[at];
  }
  uint32_t little16(size_t at) const { return uint32_t(start[at + 1]) << 8 | start[at]; }
  bool begins(const char *text, size_t length) const { return count >= length && !std::memcmp(start, text, length); }
};

struct Size {
  int64_t width = 0, height = 0;
};

VisionStatus damaged(const char *why) { return vision::fail(VISION_DAMAGED, why); }

uint32_t checksum(const uint8_t *bytes, size_t count) {
  static const auto table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t n = 0; n < 256; n++) {
      uint32_t c = n;
      for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      made[n] = c;
    }
    return made;
  }();
  uint32_t c = 0xFFFFFFFFu;
  for (size_t i = 0; i < count; i++) c = table[(c ^ bytes[i]) & 255] ^ (c >> 8);
  return ~c;
}

// PNG: signature, then chunks of length, name, data, checksum; IHDR first, IEND last.
VisionStatus walkPNG(Bytes b, Size &size) {
  size_t at = 8;
  bool first = true, data = false;
  while (true) {
    if (b.count - at < 12) return damaged("the PNG ends early");
    size_t length = b.big32(at);
    if (length > b.count - at - 12) return damaged("the PNG ends early");
    const uint8_t *name = b.start + at + 4;
    bool header = !std::memcmp(name, "IHDR", 4);
    if (header != first || (header && length != 13)) return damaged("the PNG has no proper header");
    if (checksum(name, length + 4) != b.big32(at + 8 + length)) return damaged("a checksum inside the PNG is wrong");
    if (header) size = {b.big32(at + 8), b.big32(at + 12)};
    data = data || !std::memcmp(name, "IDAT", 4);
    if (!std::memcmp(name, "IEND", 4)) return data ? VISION_DONE : damaged("the PNG holds no pixels");
    at += 12 + length;
    first = false;
  }
}

bool isFrame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// JPEG: markers with lengths; entropy-coded data after each SOS runs to the next marker; EOI ends the image.
VisionStatus walkJPEG(Bytes b, Size &size) {
  size_t at = 2;
  bool scanned = false;
  while (true) {
    while (at < b.count && b.start[at] != 0xFF) {
      if (!scanned) return damaged("the JPEG has no proper markers");
      at++;
    }
    while (at < b.count && b.start[at] == 0xFF) at++;
    if (at >= b.count) return damaged("the JPEG ends early");
    uint8_t marker = b.start[at++];
    if (marker == 0 || marker == 1 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    if (marker == 0xD9) {
      if (!scanned || size.height <= 0) return damaged("the JPEG holds no pixels");
      return VISION_DONE;
    }
    if (b.count - at < 2) return damaged("the JPEG ends early");
    size_t length = b.big16(at);
    if (length < 2 || length > b.count - at) return damaged("the JPEG ends early");
    if (isFrame(marker)) {
      if (length < 8) return damaged("the JPEG has no proper header");
      size = {b.big16(at + 5), b.big16(at + 3)};
    }
    scanned = scanned || marker == 0xDA;
    at += length;
  }
}

// BMP: the header says where the pixels start; rows are padded to four bytes. Only uncompressed pixels are read.
VisionStatus walkBMP(Bytes b, Size &size) {
  if (b.count < 54) return damaged("the BMP ends early");
  uint32_t offset = b.little32(10), header = b.little32(14);
  if (header < 40 || header > 124) return damaged("the BMP has a header of an unknown kind");
  int64_t width = int32_t(b.little32(18)), height = int32_t(b.little32(22));
  uint32_t bits = b.little16(28), compression = b.little32(30);
  if (compression != 0) return vision::fail(VISION_NOT_AN_IMAGE, "a compressed BMP, which is not read");
  if (bits != 8 && bits != 24 && bits != 32) return vision::fail(VISION_NOT_AN_IMAGE, "a BMP of an unknown depth");
  size = {width, height < 0 ? -height : height};
  if (size.width <= 0 || size.height <= 0) return damaged("the BMP has no size");
  int64_t row = (size.width * bits + 31) / 32 * 4;
  if (offset < 14 + header || int64_t(b.count) - int64_t(offset) < row * size.height) {
    return damaged("the BMP ends early");
  }
  return VISION_DONE;
}

VisionStatus walk(Bytes b, Size &size) {
  if (b.begins("\x89PNG\r\n\x1a\n", 8)) return walkPNG(b, size);
  if (b.begins("\xFF\xD8\xFF", 3)) return walkJPEG(b, size);
  if (b.begins("BM", 2)) return walkBMP(b, size);
  if (b.count == 0) return vision::fail(VISION_NOT_AN_IMAGE, "the file is empty");
  return vision::fail(VISION_NOT_AN_IMAGE, "not a PNG, JPEG or BMP image");
}

} // namespace

extern "C" VisionStatus vision_probe(const uint8_t *bytes, size_t count, int32_t *width, int32_t *height) {
  return vision::guarded([&]() -> VisionStatus {
    if (count > VISION_FILE_LIMIT_BYTES) {
      return vision::fail(VISION_TOO_LARGE, "the file has more than 64 MiB");
    }
    Size size;
    VisionStatus status = walk({bytes, count}, size);
    if (status != VISION_DONE) return status;
    if (size.width <= 0 || size.height <= 0) return damaged("the image has no size");
    if (size.width > VISION_PIXEL_LIMIT || size.height > VISION_PIXEL_LIMIT / size.width) {
      return vision::fail(
          VISION_TOO_LARGE, std::to_string(size.width) + " x " + std::to_string(size.height)
                                + " pixels where 40 million are allowed");
    }
    *width = int32_t(size.width);
    *height = int32_t(size.height);
    return VISION_DONE;
  });
}
