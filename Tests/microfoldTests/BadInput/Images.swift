// Image files: truncated, empty, huge, of another kind, damaged inside.

import Foundation
import TestSupport

extension BadInput {
  private static let image = "set/images/s2-surprise-1b.png"

  /// Replaces one of the fixture's images.
  private static func picture(
    _ name: String, _ says: String..., by spoil: @escaping @Sendable (TemporaryFolder) throws -> Void
  ) -> BadInput {
    let words = says
    return BadInput(
      name, "prepare --layout flow-images --root set --out x.set", image, row: "9", words: words, spoil: spoil)
  }

  private init(
    _ name: String, _ command: String, _ path: String, row: String, words: [String],
    spoil: @escaping @Sendable (TemporaryFolder) throws -> Void
  ) {
    self.name = name
    self.command = command
    status = 2
    says = [path, "row \(row)"] + words
    leaves = []
    environment = [:]
    self.spoil = spoil
  }

  private static func huge(_ width: UInt32, _ height: UInt32) -> @Sendable (TemporaryFolder) throws -> Void {
    { try $0.write(TinyPNG.file(width: width, height: height, rows: [0, 1, 2, 3]), to: image) }
  }

  static let images: [BadInput] = [
    picture("truncated image", "ends early") { try $0.write($0.bytes(image).prefix(100), to: image) },
    picture("an image without its last bytes", "ends early") { try $0.write($0.bytes(image).dropLast(5), to: image) },
    picture("an image with one bit off", "checksum") { try $0.flip(image, at: 60) },
    picture("empty image", "empty") { try $0.write([], to: image) },
    picture("text for an image", "not a PNG") { try $0.write("a picture".utf8, to: image) },
    picture("huge image", "100000 x 100000 pixels", "40 million", by: huge(100_000, 100_000)),
    picture("an image of the largest size there is", "pixels", by: huge(0x7FFF_FFFF, 0x7FFF_FFFF)),
    picture("an image of a size that overflows", "pixel", by: huge(0xFFFF_FFFF, 0xFFFF_FFFF)),
    picture("an image of no size", "no size", by: huge(0, 0)),
    picture("an image with fewer pixels than its header says", "replace", by: huge(12, 12)),
    picture("an image of another size", "13 x 13", "12 x 12", "--side") { folder in
      try folder.write(TinyPNG.bytes(13, 13) { _, _ in (1, 2, 3) }, to: image)
    },
    picture("an image file of 70 MiB", "73400320 bytes", "67108864") { folder in
      guard truncate(folder.file(image), 70 << 20) == 0 else { throw TooLate(description: "no large file") }
    },
  ]
}
