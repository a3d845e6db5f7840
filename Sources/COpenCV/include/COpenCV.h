// The one door to OpenCV: a C header, so that no other target needs C++ mode.
//
// Rules of the door: no exception crosses it, every function says how it went, memory belongs to the caller, an image
// is rows of pixels without padding (grey: one byte; colour: three planes red, green, blue, one after the other;
// `float` planes hold the same 0…255 scale). Limits are checked from an image's header, before anything is decoded.
//
// OpenCV is held to one thread and to its baseline code (no AVX2 or AVX-512 variants): a flow field then has the same
// bits on every x86-64 machine, and a prepared set made anywhere has the same digest. Callers may use threads of their
// own: no function here shares anything that changes.

#ifndef COPENCV_H
#define COPENCV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a call went. After anything but `VISION_DONE`, `vision_message()` says why in one line.
typedef enum {
  VISION_DONE = 0,
  /// The bytes are not an image of a format that is read (PNG, JPEG, BMP).
  VISION_NOT_AN_IMAGE = 1,
  /// The image ends early or its bytes contradict each other.
  VISION_DAMAGED = 2,
  /// The file or the image is larger than the limits.
  VISION_TOO_LARGE = 3,
  /// Anything else that OpenCV refused.
  VISION_FAILED = 4
} VisionStatus;

enum {
  /// The most bytes that an image file may have: 64 MiB.
  VISION_FILE_LIMIT_BYTES = 64 * 1024 * 1024,
  /// The most pixels that an image may have: 40 million.
  VISION_PIXEL_LIMIT = 40 * 1000 * 1000,
  /// The most numbers that a support vector machine may read: 256 million (1 GiB).
  VISION_MACHINE_LIMIT = 256 * 1024 * 1024,
  /// The most steps of a support vector machine's solver.
  VISION_ITERATION_LIMIT = 1000 * 1000
};

/// Why the last call of this thread failed: one line, valid until the next call of this thread.
const char *vision_message(void);

/// OpenCV's version and the instruction sets that its build takes for granted, as in `4.6.0 SSE SSE2 SSE3`: what may
/// change the bits of a function here. Valid for ever; empty where OpenCV does not say.
const char *vision_version(void);

/// How OpenCV is held: its threads, and whether it may choose optimised code (0 or 1). Both -1 where it fails.
void vision_settings(int32_t *threads, int32_t *optimised);

// Images

/// Reads width and height (pixels) from the header of an image in memory, walks its parts to the end (so a truncated
/// file is found here, and a flipped bit in a PNG by its checksums) and checks both limits. Decodes nothing.
VisionStatus vision_probe(const uint8_t *bytes, size_t count, int32_t *width, int32_t *height);

/// Decodes an image to `width * height` grey bytes. The size must be what `vision_probe` said. An orientation tag is
/// ignored: pixels come as they are stored.
VisionStatus vision_decode_grey(const uint8_t *bytes, size_t count, int32_t width, int32_t height, uint8_t *grey);

/// Decodes an image to three planes of `width * height` bytes: red, green, blue. A grey image has three equal planes.
VisionStatus vision_decode_planes(const uint8_t *bytes, size_t count, int32_t width, int32_t height, uint8_t *planes);

/// Takes the bytes of an encoded image; they are gone when the call returns.
typedef void (*VisionSink)(void *context, const uint8_t *bytes, size_t count);

/// Encodes a grey image as PNG and hands the bytes to `sink`.
VisionStatus vision_encode_png_grey(const uint8_t *grey, int32_t width, int32_t height, VisionSink sink, void *context);

/// Encodes three planes (red, green, blue) as PNG and hands the bytes to `sink`.
VisionStatus vision_encode_png_planes(
    const uint8_t *planes, int32_t width, int32_t height, VisionSink sink, void *context);

/// Encodes a grey image as JPEG with a quality of 1…100 and hands the bytes to `sink`.
VisionStatus vision_encode_jpeg_grey(
    const uint8_t *grey, int32_t width, int32_t height, int32_t quality, VisionSink sink, void *context);

// Geometry

/// Resizes one plane of bytes: INTER_AREA where it shrinks, cubic where it grows.
VisionStatus vision_resize(
    const uint8_t *source, int32_t width, int32_t height, uint8_t *out, int32_t out_width, int32_t out_height);

/// Resizes one plane of floats in the same way; keeps what rounding to bytes would lose (a micro-expression moves a
/// small image by tenths of a pixel).
VisionStatus vision_resize_float(
    const float *source, int32_t width, int32_t height, float *out, int32_t out_width, int32_t out_height);

/// Bilinear remap of one plane: out(x, y) = source(map_x(x, y), map_y(x, y)), places in pixels, the border repeated.
/// Computed at full precision: cv::remap rounds places to 1/32 pixel, which is the size of a micro movement.
VisionStatus vision_remap(
    const float *source, int32_t width, int32_t height, const float *map_x, const float *map_y, float *out,
    int32_t out_width, int32_t out_height);

/// The same by a matrix, which leads from a place in `out` to a place in `source`:
/// out(x, y) = source(m0 x + m1 y + m2, m3 x + m4 y + m5).
VisionStatus vision_warp_affine(
    const float *source, int32_t width, int32_t height, const double matrix[6], float *out, int32_t out_width,
    int32_t out_height);

/// Gaussian blur of one plane with a deviation in pixels (0 copies); the border is mirrored. `out` may be `source`.
VisionStatus vision_blur(const float *source, int32_t width, int32_t height, double deviation, float *out);

// Optical flow

/// Dual TV-L1 flow with OpenCV's defaults (tau .25, lambda .15, theta .3, 5 scales of .8, 5 warps, epsilon .01,
/// 30 inner and 10 outer iterations, median 5) between two float planes on the 0…255 scale, their border repeated
/// outwards.
/// `u`, `v`: width * height floats, pixels; first(x, y) is found at second(x + u, y + v). Positive v points down.
VisionStatus vision_flow(const float *first, const float *second, int32_t width, int32_t height, float *u, float *v);

// Faces

/// A rectangle in pixels.
typedef struct {
  int32_t x, y, width, height;
} VisionBox;

/// A cascade classifier; belongs to one thread at a time.
typedef struct VisionDetector VisionDetector;

/// Loads a cascade from an XML file; nil where that fails (`vision_message` says why).
VisionDetector *vision_detector_open(const char *path);

/// Frees a detector; nil is nothing.
void vision_detector_close(VisionDetector *detector);

/// Finds faces of at least `smallest_side` pixels in a grey image (histogram equalised first; scale step 1.1, five
/// neighbours). Writes at most `capacity` boxes and sets `found` to how many there were.
VisionStatus vision_detect_faces(
    VisionDetector *detector, const uint8_t *grey, int32_t width, int32_t height, int32_t smallest_side,
    VisionBox *boxes, int32_t capacity, int32_t *found);

// Support vector machines

/// Kernels of a support vector machine.
typedef enum {
  /// a · b
  VISION_LINEAR = 0,
  /// (gamma a · b + offset) ^ degree
  VISION_POLYNOMIAL = 1,
  /// exp(-gamma |a - b|²)
  VISION_RADIAL = 2
} VisionKernel;

/// A machine that tells one class from the rest: C-SVC (Cortes and Vapnik 1995), solved by SMO to 1e-5 of its gradient.
typedef struct {
  VisionKernel kernel;
  /// Of the kernels that have them; positive (`offset`: not negative).
  double gamma, offset, degree;
  /// C, positive: what a row on the wrong side costs; times the weight of its kind.
  double penalty, weight_in, weight_out;
} VisionMachine;

/// Trains a machine on `count` rows of `width` floats, of which those with `inside` not 0 are the class, and writes the
/// decision value of each of the `other_count` rows `others`: positive inside. Both kinds must occur.
VisionStatus vision_machine_decide(
    const VisionMachine *machine, const float *rows, const uint8_t *inside, int32_t count, int32_t width,
    const float *others, int32_t other_count, float *decisions);

// Videos

/// An open video; belongs to one thread at a time.
typedef struct VisionVideo VisionVideo;

/// Opens a video file by FFmpeg, which may read this file and nothing else, and checks the limit of pixels. `path` must
/// name a file whose first bytes are those of a container that is wanted: FFmpeg takes many things for a video.
/// `frames` is how many the container states, 0 where it does not.
VisionStatus vision_video_open(
    const char *path, VisionVideo **video, int32_t *width, int32_t *height, int32_t *frames);

/// Closes a video; nil is nothing.
void vision_video_close(VisionVideo *video);

/// Goes to the next frame and sets `is_there` to 0 behind the last one. Writes its `width * height` grey bytes, as they
/// would be decoded from a PNG of it; nil as `grey` passes it over.
VisionStatus vision_video_next(VisionVideo *video, uint8_t *grey, int32_t *is_there);

// Text

/// Draws a line of ASCII text into three planes (red, green, blue), its baseline starting at (x, y); `height_px` is the
/// height of a capital letter. Other characters become question marks.
VisionStatus vision_draw_text(
    uint8_t *planes, int32_t width, int32_t height, const char *text, int32_t x, int32_t y, double height_px,
    uint8_t red, uint8_t green, uint8_t blue);

/// The width in pixels that `vision_draw_text` would use.
int32_t vision_text_width(const char *text, double height_px);

#ifdef __cplusplus
}
#endif

#endif
