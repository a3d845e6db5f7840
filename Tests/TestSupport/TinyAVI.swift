// A video by hand: an AVI of uncompressed frames, so that no encoder had a part in making it.

/// Writes AVI files of 24-bit frames.
public enum TinyAVI {
  /// A file of frames of `width` × `height`; `colour` gives red, green and blue at (frame, x, y), frames from 1.
  public static func bytes(
    _ width: Int, _ height: Int, frames: Int, _ colour: (Int, Int, Int) -> (UInt8, UInt8, UInt8)
  ) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - 3 * width % 4) % 4)
    let pictures = (1...frames).map { frame -> [UInt8] in
      // Rows from the bottom up, blue first, each filled up to four bytes.
      (0..<height).reversed().flatMap { y in
        (0..<width).flatMap { x in
          let (red, green, blue) = colour(frame, x, y)
          return [blue, green, red]
        } + padding
      }
    }
    let size = pictures[0].count
    let main =
      words(40_000, size * 25, 0, 0x10, frames, 0, 1, size) + words(width, height) + words(0, 0, 0, 0)
    let stream =
      Array("vidsDIB ".utf8) + words(0, 0, 0, 1, 25, 0, frames, size, -1, 0) + halves(0, 0, width, height)
    let format =
      words(40, width, height) + halves(1, 24) + words(0, size, 0, 0, 0, 0)
    let streams = list("strl", chunk("strh", stream) + chunk("strf", format))
    let header = list("hdrl", chunk("avih", main) + streams)
    let movie = list("movi", pictures.flatMap { chunk("00db", $0) })
    var index: [UInt8] = []
    for frame in 0..<frames {
      index += Array("00db".utf8) + words(0x10, 4 + frame * (size + 8), size)
    }
    return chunk("RIFF", Array("AVI ".utf8) + header + movie + chunk("idx1", index))
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    Array(name.utf8) + words(content.count) + content + (content.count % 2 == 1 ? [0] : [])
  }

  private static func list(_ name: String, _ content: [UInt8]) -> [UInt8] {
    chunk("LIST", Array(name.utf8) + content)
  }

  private static func words(_ values: Int...) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }

  private static func halves(_ values: Int...) -> [UInt8] {
    values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }
}
