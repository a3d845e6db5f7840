// Images in memory and files, through the C door to OpenCV.

import COpenCV

/// A plane of floats on the 0…255 scale, row after row.
package struct Plane: Sendable {
  package let width: Int
  package let height: Int
  package var pixels: [Float]

  package init(width: Int, height: Int, pixels: [Float]) {
    precondition(pixels.count == width * height, "a plane of a wrong size")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The same picture at another size: area average where it shrinks, cubic where it grows.
  package func resized(width newWidth: Int, height newHeight: Int) -> Plane {
    if newWidth == width, newHeight == height { return self }
    var out = [Float](repeating: 0, count: newWidth * newHeight)
    let status = vision_resize_float(
      pixels, Int32(width), Int32(height), &out, Int32(newWidth), Int32(newHeight))
    precondition(status == VISION_DONE, "a picture within the limits can be resized")
    return Plane(width: newWidth, height: newHeight, pixels: out)
  }

  /// Rounded to bytes, halves up.
  package var bytes: [UInt8] { pixels.map { UInt8(max(0, min(255, $0 + 0.5))) } }
}

/// An image file in memory, its header checked, not yet decoded.
package struct ImageFile {
  package let path: String
  package let width: Int
  package let height: Int
  private let bytes: [UInt8]

  /// Reads a file and its header.
  /// - Throws: `ImportError.input` where it is missing, empty, truncated, too large or no image.
  package init(path: String, row: Int? = nil) throws(ImportError) {
    self.path = path
    do {
      bytes = try InputFile.contents(of: path, limit_bytes: Int(VISION_FILE_LIMIT_BYTES))
    } catch {
      throw .input(path: path, row: row, what: "the image cannot be read: \(error.why)", remedy: "give a readable file")
    }
    var size: (width: Int32, height: Int32) = (0, 0)
    let status = vision_probe(bytes, bytes.count, &size.width, &size.height)
    guard status == VISION_DONE else { throw Self.refusal(path, row) }
    width = Int(size.width)
    height = Int(size.height)
  }

  /// The image as one grey plane.
  package func grey() throws(ImportError) -> Plane {
    var out = [UInt8](repeating: 0, count: width * height)
    guard vision_decode_grey(bytes, bytes.count, Int32(width), Int32(height), &out) == VISION_DONE else {
      throw Self.refusal(path, nil)
    }
    return Plane(width: width, height: height, pixels: out.map(Float.init))
  }

  /// The image as three planes: red, green, blue.
  package func colours() throws(ImportError) -> [Plane] {
    let area = width * height
    var out = [UInt8](repeating: 0, count: 3 * area)
    guard vision_decode_planes(bytes, bytes.count, Int32(width), Int32(height), &out) == VISION_DONE else {
      throw Self.refusal(path, nil)
    }
    return (0..<3).map { channel in
      Plane(width: width, height: height, pixels: out[channel * area..<(channel + 1) * area].map(Float.init))
    }
  }

  private static func refusal(_ path: String, _ row: Int?) -> ImportError {
    .input(
      path: path, row: row, what: "the image is refused: \(String(cString: vision_message()))",
      remedy: "replace the file by a whole PNG, JPEG or BMP of at most 64 MiB and 40 million pixels")
  }
}

/// Whether a file of this name is taken for an image.
func isImageName(_ name: String) -> Bool {
  let lower = name.lowercased()
  return [".png", ".jpg", ".jpeg", ".bmp"].contains { lower.hasSuffix($0) }
}

/// Encodes three planes of bytes (red, green, blue) as a PNG file.
func encodedPNG(planes: [UInt8], width: Int, height: Int) -> [UInt8] {
  var bytes: [UInt8] = []
  let status = withUnsafeMutablePointer(to: &bytes) { target in
    vision_encode_png_planes(
      planes, Int32(width), Int32(height),
      { context, piece, count in
        context?.assumingMemoryBound(to: [UInt8].self).pointee += UnsafeBufferPointer(start: piece, count: count)
      }, target)
  }
  precondition(status == VISION_DONE, "a picture within the limits can be encoded")
  return bytes
}
