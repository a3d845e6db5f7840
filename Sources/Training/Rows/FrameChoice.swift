// Fewer frames than are stored: onset, apex and offset stay, the rest is taken evenly.

import Clips

/// Choosing frames of a clip.
package enum FrameChoice {
  /// The places of at most `limit` frames, ascending; 0 is all.
  ///
  /// One frame is the apex, two are onset and apex; three and more hold onset, apex and offset, and of the others
  /// those in the middle of as many equal parts as are wanted.
  package static func choose(_ frames: [FrameInfo], limit: Int) -> [Int] {
    guard limit > 0, frames.count > limit else { return Array(frames.indices) }
    let roles: [FrameRole] = [.apex, .onset, .offset]
    let always = roles.compactMap { role in frames.firstIndex { $0.role == role } }.prefix(limit)
    let others = frames.indices.filter { !always.contains($0) }
    let wanted = limit - always.count
    let even = (0..<wanted).map { others[(2 * $0 + 1) * others.count / (2 * wanted)] }
    return (always + even).sorted()
  }
}
