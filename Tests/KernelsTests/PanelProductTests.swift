// The dense product by panels: vector kernels bit by bit against a fused chain, plain loops against sums in Double.

import CKernels
import Kernels
import Testing

@Suite("panel product")
struct PanelProductTests {
  /// Rows beyond one tile and columns on both sides of every vector and panel.
  static let rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17, 48, 59]
  static let columns = [1, 3, 7, 8, 9, 15, 16, 17, 23, 24, 31, 32, 33, 37, 48, 61, 64, 97]

  @Test("vector kernels give the bits of a fused chain in the order of the inner index", arguments: rows, columns)
  func bitsOfTheChain(rows: Int, columns: Int) {
    for inner in [1, 2, 11] {
      for transposed in [false, true] {
        for adds in [false, true] {
          let case_ = PanelCase(rows: rows, columns: columns, inner: inner, transposed: transposed, adds: adds)
          let expected = bits(case_.chain())
          if NumericClass.avx2.isSupported { #expect(bits(case_.avx2()) == expected) }
          if NumericClass.avx512.isSupported { #expect(bits(case_.avx512()) == expected) }
        }
      }
    }
  }

  @Test(
    "the selected kernels and the plain ones agree with sums in Double", arguments: [1, 5, 19, 48], [3, 16, 37, 64])
  func doubleOracle(rows: Int, columns: Int) {
    for (inner, adds) in [(1, true), (29, false), (53, true)] {
      let case_ = PanelCase(rows: rows, columns: columns, inner: inner, transposed: false, adds: adds)
      #expect(relativeError(case_.selected(packed: false), case_.oracle()) < 1e-6)
      #expect(relativeError(case_.plain(), case_.oracle()) < 1e-6)
    }
  }

  @Test("packed factors, straight and transposed, give the same bits", arguments: [1, 7, 16, 33, 64, 90])
  func packing(columns: Int) {
    let case_ = PanelCase(rows: 11, columns: columns, inner: 13, transposed: false, adds: true)
    let expected = case_.selected(packed: false)
    #expect(bits(case_.selected(packed: true)) == bits(expected))
    #expect(bits(case_.selectedFromTransposed()) == bits(expected))
  }

  @Test("an empty inner size gives zeros, or leaves what is added to; no rows and no columns do nothing")
  func empty() {
    let case_ = PanelCase(rows: 9, columns: 37, inner: 0, transposed: false, adds: false)
    #expect(case_.selected(packed: false).allSatisfy { $0 == 0 })
    let added = PanelCase(rows: 9, columns: 37, inner: 0, transposed: false, adds: true)
    #expect(added.selected(packed: false) == added.chain())
    let memory = AlignedFloats(count: 4)
    memory.pointer[0] = 5
    for (rows, columns) in [(0, 3), (3, 0)] {
      panelProduct(
        rows: rows, columns: columns, inner: 1, .rows(memory.pointer, stride: 1), .rows(memory.pointer, stride: 3),
        into: memory.pointer, stride: 3, adds: false)
    }
    #expect(memory.pointer[0] == 5)
  }

  /// Goal: gaps between rows belong to someone else. Method: they hold 77 before and after.
  @Test("the gaps between rows are left alone", arguments: columns)
  func gaps(columns: Int) {
    let case_ = PanelCase(rows: 9, columns: columns, inner: 3, transposed: false, adds: false)
    var all = [[Float]]()
    if NumericClass.avx2.isSupported { all.append(case_.whole(microfold_product_avx2, panel: 16)) }
    if NumericClass.avx512.isSupported { all.append(case_.whole(microfold_product_avx512, panel: 32)) }
    for c in all {
      #expect(c.indices.allSatisfy { $0 % case_.stride < columns || c[$0] == 77 })
    }
  }
}

/// One product with gaps behind the rows of all three matrices.
private struct PanelCase {
  typealias Kernel = (
    Int, Int, Int, UnsafePointer<Float>?, Int, Int, UnsafePointer<Float>?, Int, Int, UnsafeMutablePointer<Float>?, Int,
    Int32
  ) -> Void

  let rows: Int, columns: Int, inner: Int
  let transposed: Bool, adds: Bool
  let leftStride: Int, rightStride: Int, stride: Int
  let left: [Float], right: [Float], before: [Float]

  init(rows: Int, columns: Int, inner: Int, transposed: Bool, adds: Bool) {
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
    (self.transposed, self.adds) = (transposed, adds)
    leftStride = (transposed ? rows : inner) + 2
    rightStride = columns + 3
    stride = columns + 5
    left = numbers((transposed ? inner : rows) * leftStride, stream: 61)
    right = numbers(inner * rightStride, stream: 62)
    before = (0..<rows * stride).map { $0 % (columns + 5) < columns ? Float($0 % 11) / 7 : 77 }
  }

  private func left(_ row: Int, _ step: Int) -> Float {
    transposed ? left[step * leftStride + row] : left[row * leftStride + step]
  }

  private func inside(_ c: [Float]) -> [Float] { c.indices.filter { $0 % stride < columns }.map { c[$0] } }

  private func each(_ element: (_ row: Int, _ column: Int) -> Float) -> [Float] {
    (0..<rows).flatMap { row in (0..<columns).map { element(row, $0) } }
  }

  func chain() -> [Float] {
    each { row, column in
      (0..<inner).reduce(adds ? before[row * stride + column] : 0) { sum, step in
        sum.addingProduct(left(row, step), right[step * rightStride + column])
      }
    }
  }

  func oracle() -> [Double] {
    (0..<rows * columns).map { place in
      let (row, column) = (place / columns, place % columns)
      return (0..<inner).reduce(adds ? Double(before[row * stride + column]) : 0) { sum, step in
        sum + Double(left(row, step)) * Double(right[step * rightStride + column])
      }
    }
  }

  func whole(_ kernel: Kernel, panel: Int) -> [Float] {
    var c = before
    kernel(
      rows, columns, inner, left, transposed ? 1 : leftStride, transposed ? leftStride : 1, right, rightStride, panel,
      &c, stride, adds ? 1 : 0)
    return c
  }

  func avx2() -> [Float] { inside(whole(microfold_product_avx2, panel: 16)) }
  func avx512() -> [Float] { inside(whole(microfold_product_avx512, panel: 32)) }

  private func factor(_ pointer: UnsafePointer<Float>) -> LeftFactor {
    transposed ? .transposed(pointer, stride: leftStride) : .rows(pointer, stride: leftStride)
  }

  func plain() -> [Float] {
    var c = before
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        PlainKernels.panelProduct(
          rows, columns, inner, factor(left), .rows(right, stride: rightStride), &c, stride, adds)
      }
    }
    return inside(c)
  }

  func selected(packed: Bool) -> [Float] {
    let panels = AlignedFloats(count: Panel.count(inner: inner, columns: columns))
    Panel.pack(right, stride: rightStride, inner: inner, columns: columns, into: panels.pointer)
    return product { packed ? .packed(panels.pointer, inner: inner) : .rows($0, stride: rightStride) }
  }

  func selectedFromTransposed() -> [Float] {
    let panels = AlignedFloats(count: Panel.count(inner: inner, columns: columns))
    let flipped = (0..<columns).flatMap { column in (0..<inner).map { right[$0 * rightStride + column] } }
    Panel.packTransposed(flipped, stride: inner, inner: inner, columns: columns, into: panels.pointer)
    return product { _ in .packed(panels.pointer, inner: inner) }
  }

  private func product(_ factorOf: (UnsafePointer<Float>) -> RightFactor) -> [Float] {
    var c = before
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        panelProduct(
          rows: rows, columns: columns, inner: inner, factor(left), factorOf(right), into: &c, stride: stride,
          adds: adds)
      }
    }
    return inside(c)
  }
}
