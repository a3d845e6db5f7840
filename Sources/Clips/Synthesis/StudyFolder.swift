// StudyFolder: the files of a synthetic study; they appear whole or not at all.
//
// Sets are written beside their place as `macro.partial` and `micro.partial` and renamed when complete.
import COpenCV
import Glibc

/// Writes into one set of a study.
struct SetFolder: Sendable {
  let path: String
  private let place: String

  /// The set that will stand at `directory/name`.
  init(_ directory: String, _ name: String) {
    place = directory + "/" + name
    path = place + ".partial"
  }

  /// Nothing may stand at the set's place.
  func refuseOccupied() throws(SynthesisError) {
    guard access(place, F_OK) != 0 else { throw .occupied(path: place) }
  }

  /// Makes the unfinished set's folder and its parents; what an interrupted run left there goes.
  func begin() throws(SynthesisError) {
    Self.remove(path)
    try Self.make(path)
  }

  /// Writes a file below the set, making the folders on the way.
  func write(_ bytes: [UInt8], to name: String) throws(SynthesisError) {
    let target = path + "/" + name
    guard let file = fopen(target, "wbx") else { throw .file(path: target, errno) }
    let written = fwrite(bytes, 1, bytes.count, file)
    let failure = errno
    let isClosed = fclose(file) == 0
    guard written == bytes.count, isClosed else {
      throw .file(path: target, written == bytes.count ? errno : failure)
    }
  }

  /// Makes a folder below the set, with its parents.
  func makeFolder(_ name: String) throws(SynthesisError) { try Self.make(path + "/" + name) }

  /// Puts the complete set at its place.
  func commit() throws(SynthesisError) {
    guard rename(path, place) == 0 else { throw .file(path: place, errno) }
  }

  /// Takes a committed set back, so that `abandon` removes it too.
  func withdraw() { _ = rename(place, path) }

  /// Removes what was written.
  func abandon() { Self.remove(path) }

  /// Makes a folder and its parents; one that is there already is fine.
  private static func make(_ path: String) throws(SynthesisError) {
    if mkdir(path, 0o755) == 0 { return }
    let reason = errno
    var status = stat()
    if reason == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    guard reason == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw .file(path: path, reason)
    }
    try make(String(path[..<slash]))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .file(path: path, errno) }
  }

  /// Removes a file, or a folder with all it holds; links are removed, not followed.
  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    for name in names(in: path) { remove(path + "/" + name) }
    rmdir(path)
  }

  private static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

extension SynthesisError {
  /// The error that a refused write means.
  static func file(path: String, _ number: Int32) -> SynthesisError {
    switch number {
    case ENOSPC, EDQUOT: .diskFull(path: path)
    case EROFS: .readOnly(path: path)
    default: .file(path: path, reason: String(cString: strerror(number)))
    }
  }
}

/// A square grey frame as the bytes of a PNG file.
func encodedPNG(grey: [UInt8], side: Int) -> [UInt8] {
  var bytes: [UInt8] = []
  let status = withUnsafeMutablePointer(to: &bytes) { target in
    vision_encode_png_grey(
      grey, Int32(side), Int32(side),
      { context, piece, count in
        context?.assumingMemoryBound(to: [UInt8].self).pointee += UnsafeBufferPointer(start: piece, count: count)
      }, target)
  }
  precondition(status == VISION_DONE, "a frame of at most 256 pixels can be encoded")
  return bytes
}
