// A video's frames as grey planes: the greys of a folder with one PNG for each frame.

import COpenCV

/// A video file whose container was found whole.
struct VideoFile {
  /// Frames that are decoded to reach a window, whatever lies in it.
  static let decodedLimit = 100_000
  private static let remedy = "give a whole AVI, MP4, MOV, MKV or WebM file, or its frames as a folder of images"

  let path: String

  /// Checks the first bytes of a file and that it does not end early.
  /// - Throws: `ImportError.input`.
  init(path: String) throws(ImportError) {
    self.path = path
    do {
      let file = try InputFile(path: path)
      guard let container = VideoContainer(of: file) else { throw Self.refusal(path, "it is no video") }
      guard try container.isWhole(file) else { throw Self.refusal(path, "the video ends early") }
    } catch let error as FileError {
      throw .input(path: path, row: nil, what: "the video cannot be read: \(error.why)", remedy: "give a readable file")
    } catch let error as ImportError {
      throw error
    } catch { preconditionFailure("an error of an unknown kind: \(error)") }
  }

  /// Whether a file's first bytes, or else its name, are those of a video.
  static func isMeant(by path: String) -> Bool {
    if let file = try? InputFile(path: path), VideoContainer(of: file) != nil { return true }
    let lower = path.lowercased()
    return [".avi", ".mp4", ".m4v", ".mov", ".mkv", ".webm"].contains { lower.hasSuffix($0) }
  }

  /// The frames of a window, resized to squares of `side` at once, and the number of the first.
  ///
  /// - Parameters:
  ///   - onset: the number of the first frame, from 1.
  ///   - offset: the number of the last one; nil is the video's last.
  /// - Throws: `ImportError.input` where the video is too long or too short, or a frame cannot be decoded.
  func frames(onset: Int, offset: Int?, side: Int) throws(ImportError) -> [Plane] {
    guard offset ?? onset <= Self.decodedLimit else {
      throw Self.refusal(path, "frame \(offset ?? onset), where \(Self.decodedLimit) are read", "cut the video")
    }
    var video: OpaquePointer?
    var (width, height, stated): (Int32, Int32, Int32) = (0, 0, 0)
    guard vision_video_open(path, &video, &width, &height, &stated) == VISION_DONE, let video else {
      throw Self.refusal(path, "the video is refused: \(String(cString: vision_message()))")
    }
    defer { vision_video_close(video) }
    var planes: [Plane] = []
    var grey = [UInt8](repeating: 0, count: Int(width) * Int(height))
    var number = 0
    while number < offset ?? Int.max {
      let isInside = number + 1 >= onset
      var isThere: Int32 = 0
      let status = isInside ? vision_video_next(video, &grey, &isThere) : vision_video_next(video, nil, &isThere)
      guard status == VISION_DONE else {
        throw Self.refusal(path, "frame \(number + 1): \(String(cString: vision_message()))")
      }
      guard isThere != 0 else { break }
      number += 1
      guard isInside else { continue }
      guard planes.count < FoldersReader.frameLimit else {
        throw Self.refusal(
          path, "more than \(FoldersReader.frameLimit) frames", "cut it, or give --onset and --offset")
      }
      let plane = Plane(width: Int(width), height: Int(height), pixels: grey.map(Float.init))
      planes.append(plane.resized(width: side, height: side))
    }
    guard number > 0 else { throw Self.refusal(path, "no frame of the video can be decoded") }
    guard offset != nil || number >= stated else {
      // A frame that cannot be decoded is passed over, and those behind it are numbered wrongly.
      throw Self.refusal(
        path, "\(stated) frames are stated and \(number) can be decoded",
        "repair it, or give --offset \(number) if these are all")
    }
    guard number >= onset, number >= offset ?? 0 else {
      let name = number < onset ? "onset is frame \(onset)" : "offset is frame \(offset ?? 0)"
      throw Self.refusal(path, "\(name), and the video has frames 1 to \(number)", "correct the number")
    }
    return planes
  }

  private static func refusal(_ path: String, _ what: String, _ remedy: String = remedy) -> ImportError {
    .input(path: path, row: nil, what: what, remedy: remedy)
  }
}
