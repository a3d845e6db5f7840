// The C door to OpenCV: headers are walked before anything is decoded, and no damage gets through.

import COpenCV
import Clips
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Images through OpenCV")
struct VisionTests {
  private func probe(_ bytes: [UInt8]) -> (status: VisionStatus, width: Int32, height: Int32, message: String) {
    var size: (Int32, Int32) = (0, 0)
    let status = vision_probe(bytes, bytes.count, &size.0, &size.1)
    return (status, size.0, size.1, String(cString: vision_message()))
  }

  private func jpeg(_ width: Int, _ height: Int) -> [UInt8] {
    let pixels = (0..<width * height).map { UInt8($0 * 7 % 256) }
    return collect { vision_encode_jpeg_grey(pixels, Int32(width), Int32(height), 90, $0, $1) }
  }

  private func bitmap(_ width: Int, _ height: Int, rows: Int) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
    let row = (width * 3 + 3) / 4 * 4
    var bytes = Array("BM".utf8) + little(54 + row * height, 4) + little(0, 4) + little(54, 4)
    bytes += little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2)
    return bytes + [UInt8](repeating: 0, count: 24) + [UInt8](repeating: 90, count: row * rows)
  }

  @Test("PNG, JPEG and BMP are measured and decoded")
  func formats() {
    let images = [greyPNG(7, 5) { x, y in Double(x * 30 + y) }, jpeg(7, 5), bitmap(7, 5, rows: 5)]
    for image in images {
      let measured = probe(image)
      #expect(measured.status == VISION_DONE && measured.width == 7 && measured.height == 5)
      var grey = [UInt8](repeating: 0, count: 35)
      #expect(vision_decode_grey(image, image.count, 7, 5, &grey) == VISION_DONE)
      #expect(grey.contains { $0 > 0 })
    }
  }

  @Test("grey and colour pictures come back from PNG as they were")
  func lossless() {
    let image = colourPNG(6, 4) { x, y in (UInt8(x * 40), UInt8(y * 60), UInt8(x + y)) }
    var planes = [UInt8](repeating: 0, count: 72)
    #expect(vision_decode_planes(image, image.count, 6, 4, &planes) == VISION_DONE)
    #expect(planes[5] == 200 && planes[24 + 18] == 180 && planes[48 + 23] == 8)
  }

  @Test("an image cut at any length is refused as damaged")
  func truncated() {
    for image in [greyPNG(9, 9) { x, y in Double(x * y) }, jpeg(9, 9), bitmap(9, 9, rows: 9)] {
      for count in 0..<image.count {
        #expect(probe(Array(image[..<count])).status != VISION_DONE, "\(count) of \(image.count)")
      }
    }
  }

  @Test("one flipped bit in a PNG is refused")
  func flipped() {
    let image = greyPNG(9, 9) { x, y in Double(x * y) }
    for place in image.indices {
      var bytes = image
      bytes[place] ^= 8
      #expect(probe(bytes).status != VISION_DONE, "byte \(place)")
    }
  }

  @Test("a header that claims too many pixels is refused before it is believed")
  func huge() {
    let image = bitmap(50_000, 40_000, rows: 0)
    #expect(probe(image).status == VISION_DAMAGED)
    var jpeg = jpeg(9, 9)
    guard let frame = jpeg.indices.first(where: { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 }) else {
      Issue.record("no frame header")
      return
    }
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
    let answer = probe(jpeg)
    #expect(answer.status == VISION_TOO_LARGE)
    #expect(answer.message == "65535 x 65535 pixels where 40 million are allowed")
  }

  @Test("mutated images are refused or decoded, and never trap")
  func mutations() {
    var random = CounterRandom(key: 11, stream: 0)
    for image in [greyPNG(9, 9) { x, y in Double(x * y) }, jpeg(9, 9), bitmap(9, 9, rows: 9)] {
      // libjpeg prints a warning for each damaged scan, so few of those.
      for _ in 0..<(image.starts(with: [0xFF]) ? 20 : 400) {
        var bytes = image
        for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
        let answer = probe(bytes)
        guard answer.status == VISION_DONE, answer.width < 300, answer.height < 300 else { continue }
        var grey = [UInt8](repeating: 0, count: Int(answer.width * answer.height))
        _ = vision_decode_grey(bytes, bytes.count, answer.width, answer.height, &grey)
      }
    }
  }

  @Test("remap at places between pixels interpolates, finer than 1/32 pixel, and repeats the border")
  func remap() {
    let source: [Float] = [0, 100, 0, 100]
    var out = [Float](repeating: 0, count: 3)
    #expect(vision_remap(source, 2, 2, [0.01, 0.5, -3], [0, 0.5, 9], &out, 3, 1) == VISION_DONE)
    #expect(abs(out[0] - 1) < 1e-4 && out[1] == 50 && out[2] == 0)
  }

  @Test("a detector without its file is refused with the path")
  func detector() {
    #expect(vision_detector_open("/nonexistent.xml") == nil)
    #expect(String(cString: vision_message()).contains("/nonexistent.xml"))
  }

  @Test("optimised code of the processor is off, so that flow has the same bits everywhere, from any thread")
  func threads() async {
    let side = 32
    func flow() -> [Float] {
      let planes = [0.0, 0.4].map { shift in
        Plane(
          width: side, height: side,
          pixels: (0..<side * side).map { Float(texture($0 % side, $0 / side, right: shift)) })
      }
      return FlowField(from: planes[0], to: planes[1]).planes
    }
    let expected = flow()
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<4 { group.addTask { flow() } }
      for await planes in group { #expect(planes == expected) }
    }
  }
}
