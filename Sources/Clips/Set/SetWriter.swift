// Writes a prepared set clip by clip: the pixels go to a nameless file first, since the header that precedes them holds
// their digests. Memory stays that of one clip, and a process that is killed leaves nothing.

import Canonical
import Glibc

/// A prepared set under way.
package final class SetWriter {
  private let path: String
  private let layout: Layout
  private let side: Int
  private let spool: Int32
  private var spooled_bytes = 0
  private var clips: [PreparedClip] = []

  /// Starts a set of a layout with images of `side` × `side` pixels.
  /// - Throws: `ImportError` where nothing can be written at `path`.
  package init(path: String, layout: Layout, side: Int) throws(ImportError) {
    try OutputFile.checkPlace(path)
    self.path = path
    self.layout = layout
    self.side = side
    let (descriptor, name) = try OutputFile.create(beside: path)
    unlink(name)
    spool = descriptor
  }

  deinit { close(spool) }

  /// Appends a clip.
  /// - Precondition: clips come in the order of the set, and the pixels have the sizes that the description says.
  package func add(_ clip: ClipContent, frames: [UInt8], flows: [Float]) throws(ImportError) {
    precondition(clips.last.map { $0.content.precedes(clip) } ?? true, "clips out of order")
    let block = SetFormat.block(of: clip, frames: frames, flows: flows, side: side)
    let digest = block.withUnsafeBytes { SetFormat.digest(of: clip, block: $0, layout: layout, side: side) }
    try writeAll(block, to: spool, path: path)
    spooled_bytes += block.count
    clips.append(PreparedClip(clip, digest: digest))
  }

  /// Puts the file together, makes it stand at its place and returns the digest of the set.
  package func finish() throws(ImportError) -> (digest: Digest, clips: [PreparedClip]) {
    let head = SetFormat.head(of: SetHeader(layout: layout, side: side, clips: clips))
    let digest = Digest(of: head)
    let file = try OutputFile(path: path)
    try file.write(head)
    try copySpool(to: file)
    try file.write(digest.bytes)
    try file.commit()
    return (digest, clips)
  }

  private func copySpool(to file: OutputFile) throws(ImportError) {
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while offset < spooled_bytes {
      let got = pread(spool, &piece, min(piece.count, spooled_bytes - offset), off_t(offset))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw .output(path: path, what: "its parts cannot be read back: \(systemReason(errno))") }
      try file.write(got == piece.count ? piece : Array(piece[..<got]))
      offset += got
    }
  }
}
