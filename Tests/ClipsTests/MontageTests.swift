// The contact sheet: it is a picture, its size follows the set, and movement shows in colour.

import COpenCV
import Clips
import Foundation
import TestSupport
import Testing

@Suite("Contact sheets")
struct MontageTests {
  /// The planes of a sheet.
  private func sheet(_ layout: Layout, subjects: Int = 4) throws -> (width: Int, height: Int, planes: [Plane]) {
    let folder = try TemporaryFolder()
    layout == .folders ? try folder.writeFolders() : try folder.writeFlowImages()
    _ = try folder.prepareSet(layout, side: nil)
    try montage(set: PreparedSet(path: folder.file("out.set")), to: folder.file("sheet.png"), subjects: subjects)
    let image = try ImageFile(path: folder.file("sheet.png"))
    return (image.width, image.height, try image.colours())
  }

  /// Pixels whose colours differ clearly.
  private func coloured(_ planes: [Plane]) -> Int {
    planes[0].pixels.indices.count { pixel in
      let values = planes.map { $0.pixels[pixel] }
      return (values.max() ?? 0) - (values.min() ?? 0) > 60
    }
  }

  @Test("a sheet of moving clips has a row for each label and colours where something moves")
  func moving() throws {
    let few = try sheet(.folders, subjects: 1)
    let many = try sheet(.folders, subjects: 2)
    #expect(many.width > few.width && many.height == few.height)
    #expect(many.height > 2 * 112)
    #expect(coloured(many.planes) > coloured(few.planes) && coloured(few.planes) > 1_000)
  }

  @Test("a sheet of flow images is made of colours alone")
  func flowImages() throws {
    #expect(coloured(try sheet(.flowImages).planes) > 1_000)
  }

  @Test("a movement to the right is red, one to the left cyan")
  func wheel() {
    let right = [Float](repeating: 1, count: 4) + [Float](repeating: 0, count: 8)
    let red = right.withUnsafeBufferPointer { FlowPicture($0, centred: false).planes }
    #expect(red == [255, 255, 255, 255] + [UInt8](repeating: 0, count: 8))
    let left = right.map { -$0 }
    let cyan = left.withUnsafeBufferPointer { FlowPicture($0, centred: false).planes }
    #expect(cyan == [0, 0, 0, 0] + [UInt8](repeating: 255, count: 8))
  }

  @Test("impossible sizes are refused")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try folder.writeFlowImages()
    _ = try folder.prepareSet(.flowImages, side: nil)
    let set = try PreparedSet(path: folder.file("out.set"))
    #expect(throws: ImportError.self) { try montage(set: set, to: folder.file("x.png"), subjects: 0) }
    #expect(throws: ImportError.self) { try montage(set: set, to: folder.path) }
  }
}
