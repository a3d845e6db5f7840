// From a folder of clips to one prepared set.

import Canonical
import Dispatch
import Synchronization

/// Reads clips, computes what training needs and writes one prepared set.
///
/// The set is a pure function of the images, the annotation and the options' `side`, `frames`
/// and `flow`. It appears whole at
/// `out`, or not at all.
/// - Parameters:
///   - layout: How the clips lie below `root`.
///   - root: The folder.
///   - out: The file to write; replaced where it is there.
///   - options: Sizes and threads.
///   - progress: Called on the caller's thread with clips done and clips in all.
/// - Returns: What was read, repaired and passed over.
/// - Throws: `ImportError` at the first thing that is not as it should be, in the order of the clips.
public func prepare(
  layout: Layout, root: String, out: String, options: PrepareOptions = PrepareOptions(),
  progress: (Int, Int) -> Void = { _, _ in }
) throws(ImportError) -> ImportReport {
  try options.check(layout)
  let sources = try ClipSources(layout: layout, root: root, options: options)
  let writer = try SetWriter(path: out, layout: layout, side: sources.side)
  // So many clips are in memory at the same time; large ones are computed one for each thread.
  let ahead = min(options.threads, 64) * (sources.side > 128 ? 1 : 4)
  var next = 0
  while next < sources.clips.count {
    let piece = Array(sources.clips[next..<min(next + ahead, sources.clips.count)])
    for result in load(piece, side: sources.side, options: options) {
      let clip = try result.get()
      try writer.add(clip.content, frames: clip.frames, flows: clip.flows)
      next += 1
      progress(next, sources.clips.count)
    }
  }
  let (digest, clips) = try writer.finish()
  var report = ImportReport(layout: layout, digest: digest, clips: clips, skipped: sources.skipped)
  // Looked for in the file that was written, so that what is reported is what training will read.
  if let set = try? PreparedSet(path: out, verify: false), set.digest == digest {
    report.copies = ClipCopies.find(in: set)
  }
  return report
}

/// Computes clips on several threads; results come in the order of the clips.
private func load(
  _ clips: [ClipSource], side: Int, options: PrepareOptions
) -> [Result<LoadedClip, ImportError>] {
  let results = Mutex([Result<LoadedClip, ImportError>?](repeating: nil, count: clips.count))
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: min(options.threads, 64, clips.count)) { _ in
    while true {
      let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard place < clips.count else { return }
      let result = Result { () throws(ImportError) in try LoadedClip(clips[place], side: side, options: options) }
      results.withLock { $0[place] = result }
    }
  }
  return results.withLock { $0.compactMap { $0 } }
}

extension ImportReport {
  fileprivate init(layout: Layout, digest: Digest, clips: [PreparedClip], skipped: [Skip]) {
    self.layout = layout
    self.digest = digest
    self.clips = clips.count
    subjects = Set(clips.map(\.subject)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let labels = Set(clips.map(\.label)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    perClass = labels.map { label in ClassCount(label: label, clips: clips.count { $0.label == label }) }
    repaired = clips.filter(\.apexFound).compactMap { clip in
      guard let apex = clip.frames.first(where: { $0.role == .apex }) else { return nil }
      return Repair(
        clip: "\(clip.subject)/\(clip.name)", field: "apex", value: apex.number,
        why: "no apex was given: the frame of largest flow against the onset")
    }
    self.skipped = skipped
  }
}
