// A video is the folder of its frames: the same pixels, flow and numbers; and what is no whole video is refused.

import Clips
import TestSupport
import Testing

@Suite("Videos")
struct VideoTests {
  private static let width = 42

  /// A coloured frame whose middle moves right and back: red, green and blue differ, so that grey is a choice.
  private static func colour(_ frame: Int, _ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
    let movement = [0, 0.6, 1.3, 0.9, 0.2, 0.1][frame - 1]
    let value = bulge(x, y, side: 40, movement: movement)
    return (UInt8(value * 0.9 + 20), UInt8(value), UInt8(240 - value * 0.8))
  }

  /// A folder with the same six frames as `clip.avi` and as `clip/3.png` … `clip/8.png`.
  private func fixture() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(TinyAVI.bytes(Self.width, 40, frames: 6, Self.colour), to: "clip.avi")
    for frame in 1...6 {
      let picture = colourPNG(Self.width, 40) { Self.colour(frame, $0, $1) }
      try folder.write(picture, to: "clip/\(frame + 2).png")
    }
    return folder
  }

  private func refusal(_ make: () throws(ImportError) -> PreparedSet) -> String {
    do {
      _ = try make()
      return "accepted"
    } catch {
      return error.description
    }
  }

  private func video(_ path: String, _ numbers: FrameNumbers = .none) throws(ImportError) -> PreparedSet {
    try PreparedSet(video: path, side: 20, frames: 4, numbers: numbers)
  }

  @Test(
    "a video has the pixels and the flow of a folder of its frames, whole or in part",
    arguments: [[nil, nil, nil], [2, 3, 5], [nil, nil, 4], [3, 3, nil]] as [[Int?]])
  func sameAsFolder(given: [Int?]) throws {
    let folder = try fixture()
    let numbers = try FrameNumbers(onset: given[0], apex: given[1], offset: given[2])
    let later = given.map { $0.map { $0 + 2 } }
    let moved = try FrameNumbers(onset: later[0], apex: later[1], offset: later[2])
    let filmed = try video(folder.file("clip.avi"), numbers)
    let drawn = try PreparedSet(clipFolder: folder.file("clip"), side: 20, frames: 4, numbers: moved)
    let (one, other) = (filmed.clips[0], drawn.clips[0])
    #expect(one.frames.map { $0.number + 2 } == other.frames.map(\.number))
    #expect(one.frames.map(\.role) == other.frames.map(\.role) && one.apexFound == other.apexFound)
    #expect(one.apexFound == (given[1] == nil || given[1] == given[0]))
    #expect(one.frames.first?.number == given[0] ?? 1 && one.frames.last?.number == given[2] ?? 6)
    if !one.apexFound { #expect(one.frames.first { $0.role == .apex }?.number == given[1]) }
    for frame in one.frames.indices {
      #expect(Array(filmed.grey(clip: 0, frame: frame)) == Array(drawn.grey(clip: 0, frame: frame)))
    }
    #expect(one.flows.count == other.flows.count && one.flows.count >= 3)
    for flow in one.flows.indices {
      #expect(Array(filmed.flow(clip: 0, flow: flow)) == Array(drawn.flow(clip: 0, flow: flow)))
    }
  }

  @Test("a video that ends early is refused, wherever it ends")
  func truncated() throws {
    let folder = try fixture()
    let whole = TinyAVI.bytes(Self.width, 40, frames: 6, Self.colour)
    for count in [whole.count - 1, whole.count / 2, 300, 40] {
      let path = try folder.write(whole.prefix(count), to: "cut.avi")
      #expect(refusal { () throws(ImportError) in try video(path) }.contains("ends early"), "\(count) bytes")
    }
  }

  /// Method: the number of frames in the header of the stream, raised by one.
  @Test("a video with fewer frames than it states is refused, until its last one is named")
  func frameLost() throws {
    let folder = try fixture()
    var bytes = TinyAVI.bytes(Self.width, 40, frames: 6, Self.colour)
    let stream = try #require(bytes.indices.first { bytes[$0...].starts(with: "strh".utf8) })
    #expect(bytes[stream + 40] == 6)
    bytes[stream + 40] = 7
    let path = try folder.write(bytes, to: "less.avi")
    let line = refusal { () throws(ImportError) in try video(path) }
    #expect(line.contains("7 frames are stated and 6 can be decoded"), "\(line)")
    let numbers = try FrameNumbers(onset: nil, apex: nil, offset: 6)
    #expect(try video(path, numbers).clips[0].frames.last?.number == 6)
  }

  @Test("what only looks like a video is refused")
  func strangers() throws {
    let folder = try fixture()
    let riff = Array("RIFF".utf8) + [12, 0, 0, 0] + Array("AVI LIST".utf8) + [0, 0, 0, 0]
    let box = [0, 0, 0, 16] + Array("ftypisom".utf8) + [0, 0, 0, 0]
    let files: [(String, [UInt8], String)] = [
      ("a.mp4", Array("#EXTM3U\nclip.avi\n".utf8), "no video"), ("empty.avi", [], "no video"),
      ("b.avi", riff, "refused"), ("c.mp4", box, "ends early"),
      ("d.mkv", [0x1A, 0x45, 0xDF, 0xA3, 0x84, 0, 0, 0, 0, 0x18, 0x53, 0x80], "ends early"),
      ("e.mp4", box + [0, 0, 0, 8] + Array("moov".utf8) + [0, 0, 0, 9] + Array("free".utf8) + [0], "refused"),
    ]
    for (name, bytes, words) in files {
      let path = try folder.write(bytes, to: name)
      #expect(PreparedSet.isVideo(path))
      let line = refusal { () throws(ImportError) in try video(path) }
      #expect(line.contains(words) && line.contains(name), "\(name): \(line)")
    }
    #expect(!PreparedSet.isVideo(try folder.write(Array("#EXTM3U\nclip.avi\n".utf8), to: "a.m3u8")))
  }

  @Test("numbers must be in order and inside")
  func numbers() throws {
    let folder = try fixture()
    #expect(throws: ImportError.self) { try FrameNumbers(onset: 4, apex: 3, offset: nil) }
    #expect(throws: ImportError.self) { try FrameNumbers(onset: 4, apex: nil, offset: 3) }
    let (film, clip) = (folder.file("clip.avi"), folder.file("clip"))
    let cases: [(Int?, Int?, Int?, String)] = [
      (7, nil, nil, "onset is frame 7"), (nil, nil, 9, "offset is frame 9"), (1, 9, nil, "apex is frame 9"),
      (100_001, nil, nil, "100000 are read"),
    ]
    for (onset, apex, offset, words) in cases {
      let numbers = try FrameNumbers(onset: onset, apex: apex, offset: offset)
      let line = refusal { () throws(ImportError) in try video(film, numbers) }
      #expect(line.contains(words), "\(line)")
    }
    let line = refusal { () throws(ImportError) in
      try PreparedSet(clipFolder: clip, side: 20, frames: 4, numbers: FrameNumbers(onset: 2, apex: nil, offset: nil))
    }
    #expect(line.contains("onset is frame 2, and the folder has frames 3 to 8"), "\(line)")
  }
}
