// Which container a video lies in, and whether the file ends where the container says. FFmpeg would take a playlist for
// a video, and plays what is left of a truncated one without a word, so both are found here, before it is asked.

/// The containers that are read.
enum VideoContainer {
  case avi, mp4, matroska

  /// The container of a file by its first bytes; nil where it is none of these.
  init?(of file: InputFile) {
    guard let start = try? file.read(at: 0, count: min(12, file.size)), start.count == 12 else { return nil }
    let name = { (range: Range<Int>) in String(decoding: start[range], as: UTF8.self) }
    if name(0..<4) == "RIFF", name(8..<12) == "AVI " {
      self = .avi
    } else if ["ftyp", "moov", "mdat", "wide"].contains(name(4..<8)) {
      self = .mp4
    } else if start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
      self = .matroska
    } else {
      return nil
    }
  }

  /// Whether every part at the top of the file ends inside it.
  func isWhole(_ file: InputFile) throws(FileError) -> Bool {
    switch self {
    case .avi: try Self.isWholeAVI(file)
    case .mp4: try Self.isWholeMP4(file)
    case .matroska: try Self.isWholeMatroska(file)
    }
  }

  /// RIFF chunks, each with a name and 32 bits of size; a size of 0 was never filled in.
  private static func isWholeAVI(_ file: InputFile) throws(FileError) -> Bool {
    var at = 0
    while at + 8 <= file.size {
      let head = try file.read(at: at, count: 8)
      // What some programs leave behind the last chunk is nobody's frame.
      guard head.starts(with: "RIFF".utf8) else { return at > 0 }
      let size = number(head[4..<8].reversed())
      guard size > 0, at + 8 + size <= file.size else { return false }
      at += 8 + size + size % 2
    }
    return true
  }

  /// Boxes of 32 or 64 bits of size; 0 reaches to the end. Without `moov` nothing can be decoded.
  private static func isWholeMP4(_ file: InputFile) throws(FileError) -> Bool {
    var (at, hasIndex) = (0, false)
    while at + 16 <= file.size {
      let head = try file.read(at: at, count: 16)
      hasIndex = hasIndex || head[4..<8].elementsEqual("moov".utf8)
      var size = number(head[0..<4])
      if size == 1 { size = number(head[8..<16]) }
      if size == 0 { return hasIndex }
      guard size >= 8, size <= file.size - at else { return false }
      at += size
    }
    return hasIndex
  }

  /// A header and a segment, their sizes with a marker bit for the count of bytes; all ones is an unknown size.
  private static func isWholeMatroska(_ file: InputFile) throws(FileError) -> Bool {
    guard let header = try length(file, at: 4) else { return false }
    let segment = header.end + header.value
    guard segment + 5 <= file.size, let body = try length(file, at: segment + 4) else { return false }
    return body.isUnknown || body.value <= file.size - body.end
  }

  private static func length(
    _ file: InputFile, at place: Int
  ) throws(FileError) -> (value: Int, end: Int, isUnknown: Bool)? {
    guard place < file.size else { return nil }
    let first = try file.read(at: place, count: 1)[0]
    let count = first.leadingZeroBitCount + 1
    guard count <= 8, place + count <= file.size else { return nil }
    var bytes = try file.read(at: place, count: count)
    bytes[0] &= UInt8(truncatingIfNeeded: 0xFF >> count)
    let value = number(bytes[...])
    return (value, place + count, value == (1 << (7 * count)) - 1)
  }

  /// Big-endian; beyond 62 bits no file is that large.
  private static func number(_ bytes: some Sequence<UInt8>) -> Int {
    let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(min(value, UInt64(Int.max >> 1)))
  }
}
