// The plain twin of the dense product by panels.

extension PlainKernels {
  /// C = A B or C += A B; see `panelProduct`.
  package static func panelProduct(
    _ rows: Int, _ columns: Int, _ inner: Int, _ left: LeftFactor, _ right: RightFactor,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ adds: Bool
  ) {
    let width = Panel.width
    for row in 0..<rows {
      let target = c + row * cStride
      if !adds { for column in 0..<columns { target[column] = 0 } }
      for first in stride(from: 0, to: columns, by: width) {
        let panel = right.pointer + first / width * right.panelStride
        for step in 0..<inner {
          let number = left.pointer[row * left.rowStride + step * left.stepStride]
          let source = panel + step * right.stepStride
          for column in 0..<min(width, columns - first) { target[first + column] += number * source[column] }
        }
      }
    }
  }
}
