// The dense product of all layers: small shapes, of one image or one batch, where a BLAS call costs too much.
//
// Both factors say how they lie in memory, so one kernel serves X W, X Wᵀ and Xᵀ U. Every element is one chain of
// fused multiply-adds in the order of the inner index: avx2 and avx512 agree bit by bit, whatever the blocks.

import CKernels

// A factor holds a pointer: never make one from an array in place, whose memory may end with the call.

/// The left factor: element (row, step) lies at `pointer[row · rowStride + step · stepStride]`.
public struct LeftFactor {
  let pointer: UnsafePointer<Float>
  let rowStride: Int
  let stepStride: Int

  /// A factor whose rows lie `stride` floats apart.
  public static func rows(_ pointer: UnsafePointer<Float>, stride: Int) -> LeftFactor {
    LeftFactor(pointer: pointer, rowStride: stride, stepStride: 1)
  }

  /// The transpose of what lies in memory in rows `stride` floats apart.
  public static func transposed(_ pointer: UnsafePointer<Float>, stride: Int) -> LeftFactor {
    LeftFactor(pointer: pointer, rowStride: 1, stepStride: stride)
  }
}

/// The right factor, in panels of `Panel.width` columns: element (step, column) lies at
/// `pointer[column / width · panelStride + step · stepStride + column % width]`.
public struct RightFactor {
  let pointer: UnsafePointer<Float>
  let stepStride: Int
  let panelStride: Int

  /// A matrix in rows `stride` floats apart, as it is.
  public static func rows(_ pointer: UnsafePointer<Float>, stride: Int) -> RightFactor {
    RightFactor(pointer: pointer, stepStride: stride, panelStride: Panel.width)
  }

  /// A matrix of `inner` rows that `Panel.pack` laid out.
  public static func packed(_ pointer: UnsafePointer<Float>, inner: Int) -> RightFactor {
    RightFactor(pointer: pointer, stepStride: Panel.width, panelStride: inner * Panel.width)
  }
}

/// C = A B, or C += A B with `adds`.
///
/// Shapes: `left` rows × inner, `right` inner × columns, `c` rows × columns with rows `cStride` floats apart.
/// - Precondition: sizes are not negative; `c` overlaps neither factor.
public func panelProduct(
  rows: Int, columns: Int, inner: Int, _ left: LeftFactor, _ right: RightFactor, into c: UnsafeMutablePointer<Float>,
  stride cStride: Int, adds: Bool
) {
  precondition(rows >= 0 && columns >= 0 && inner >= 0, "a matrix cannot have a negative size")
  precondition(cStride >= columns, "rows must not overlap")
  switch NumericClass.selected {
  case .generic: PlainKernels.panelProduct(rows, columns, inner, left, right, c, cStride, adds)
  case .avx2:
    microfold_product_avx2(
      rows, columns, inner, left.pointer, left.rowStride, left.stepStride, right.pointer, right.stepStride,
      right.panelStride, c, cStride, adds ? 1 : 0)
  case .avx512:
    microfold_product_avx512(
      rows, columns, inner, left.pointer, left.rowStride, left.stepStride, right.pointer, right.stepStride,
      right.panelStride, c, cStride, adds ? 1 : 0)
  }
}

/// Panels: how a right factor lies for `panelProduct`, so that a tile reads it from front to back.
public enum Panel {
  /// Columns of a panel: two vectors of the selected class.
  public static var width: Int { NumericClass.selected == .avx512 ? 32 : 16 }

  /// Floats that a packed matrix takes, whatever the class: the last panel is filled up.
  public static func count(inner: Int, columns: Int) -> Int { inner * ((columns + 31) / 32 * 32) }

  /// Lays out a matrix (inner × columns, rows `stride` apart) in panels, zeros behind the last column.
  public static func pack(
    _ b: UnsafePointer<Float>, stride: Int, inner: Int, columns: Int, into packed: UnsafeMutablePointer<Float>
  ) {
    var target = packed
    for first in Swift.stride(from: 0, to: columns, by: width) {
      let here = min(width, columns - first)
      for step in 0..<inner {
        target.update(from: b + step * stride + first, count: here)
        (target + here).update(repeating: 0, count: width - here)
        target += width
      }
    }
  }

  /// The same of the transpose of what lies in memory: columns × inner, rows `stride` apart.
  public static func packTransposed(
    _ b: UnsafePointer<Float>, stride: Int, inner: Int, columns: Int, into packed: UnsafeMutablePointer<Float>
  ) {
    var target = packed
    for first in Swift.stride(from: 0, to: columns, by: width) {
      for step in 0..<inner {
        for column in 0..<width {
          target[column] = first + column < columns ? b[(first + column) * stride + step] : 0
        }
        target += width
      }
    }
  }
}
