// The first Chebyshev convolution: few input features, no gradient for the image.
//
// Its terms T_k(L) x depend on the image alone and are a few numbers a node, far fewer than the filters. So they are
// kept, as planes of nodes (the basis): for the backward pass, where dW = B dZ, and by callers who show an image more
// than once. Z is large and soon pooled: it is made, pooled and forgotten block by block, and so is its gradient.

import Kernels

/// The convolution of the first layer with its pooling. Basis plane k·inputs + channel is T_k(L) x_channel.
package struct InputLayer {
  /// Rescaled Laplacian of the finest level, [nodes, nodes].
  package let laplacian: SparseMatrix
  /// K.
  package let order: Int
  /// Channels of the image.
  package let inputs: Int
  /// Bias, ReLU and pooling behind the convolution; its filters are F_out.
  package let pooling: Pooling

  /// A layer on a level's rescaled Laplacian.
  package init(laplacian: SparseMatrix, order: Int, inputs: Int, pooling: Pooling) {
    self.laplacian = laplacian
    self.order = order
    self.inputs = inputs
    self.pooling = pooling
  }

  package var nodes: Int { laplacian.rows }
  package var outputs: Int { pooling.filters }
  /// Planes of the basis.
  private var planes: Int { order * inputs }
  /// Floats from one plane to the next; one line more than needed, so that planes do not fall on the same cache sets.
  package var planeStride: Int { (nodes + 15) / 16 * 16 + 16 }
  /// Floats of the basis.
  package var basisCount: Int { planes * planeStride }
  /// Floats that `forward` and `backward` need beside their results: Z of a block.
  package var scratchCount: Int { parentsOfBlock * pooling.mostChildren * outputs }

  /// Parents whose children make one block of at most some 48 nodes.
  private var parentsOfBlock: Int { max(1, 48 / pooling.mostChildren) }

  /// Images whose bases are made together: side by side they fill a vector, where one alone would be a scalar chain.
  private static let group = 8
  /// Floats that `expand` needs beside its result: two terms of a group.
  package var expandScratch: Int { 2 * nodes * Self.group }

  /// Fills the bases of images; each has the same bits alone and among others.
  ///
  /// Shapes: `rows` `count` images [inputs, pixels], `rowStride` floats apart; `pixels` node → pixel; `bases`
  /// [order·inputs, planeStride] each, `basisStride` floats apart, set.
  package func expand(
    _ rows: UnsafePointer<Float>, stride rowStride: Int, count: Int, pixels: [Int32],
    into bases: UnsafeMutablePointer<Float>, stride basisStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    for start in Swift.stride(from: 0, to: count, by: Self.group) {
      let size = min(Self.group, count - start)
      let target = bases + start * basisStride
      for channel in 0..<inputs {
        gather(rows + start * rowStride + channel * nodes, rowStride, size, pixels, into: scratch)
        recur(scratch) { k, term in
          spread(term, size, into: target + (k * inputs + channel) * planeStride, basisStride)
        }
      }
    }
  }

  /// One channel of a group in node order, [nodes, group]; zeros where the group is not full.
  private func gather(
    _ planes: UnsafePointer<Float>, _ stride: Int, _ size: Int, _ pixels: [Int32],
    into term: UnsafeMutablePointer<Float>
  ) {
    pixels.withUnsafeBufferPointer { pixels in
      for node in 0..<nodes {  // every pixel is a node of the finest level
        let (source, target) = (planes + Int(pixels[node]), term + node * Self.group)
        for image in 0..<size { target[image] = source[image * stride] }
        for image in size..<Self.group { target[image] = 0 }
      }
    }
  }

  /// Hands out T_0 x, which lies in the first half of `terms`, and the terms after it.
  private func recur(_ terms: UnsafeMutablePointer<Float>, _ use: (_ k: Int, _ term: UnsafePointer<Float>) -> Void) {
    var (last, other) = (terms, terms + nodes * Self.group)
    use(0, last)
    for k in 1..<max(order, 1) {
      if k == 1 {
        sparseProduct(laplacian, last, width: Self.group, into: other)
      } else {
        chebyshevStep(laplacian, last, other, width: Self.group, into: other)
      }
      swap(&last, &other)
      use(k, last)
    }
  }

  /// A term of a group to a plane of each image's basis.
  private func spread(
    _ term: UnsafePointer<Float>, _ size: Int, into planes: UnsafeMutablePointer<Float>, _ stride: Int
  ) {
    for image in 0..<size {
      let plane = planes + image * stride
      for node in 0..<nodes { plane[node] = term[node * Self.group + image] }
    }
  }

  /// Z = Bᵀ W of some nodes, before the bias.
  ///
  /// Shapes: `basis` as `expand` left it; `weight` [order, inputs, outputs]; `z` [some nodes, outputs], set.
  package func product(
    _ basis: UnsafePointer<Float>, nodes some: Range<Int>, weight: UnsafePointer<Float>,
    into z: UnsafeMutablePointer<Float>
  ) {
    panelProduct(
      rows: some.count, columns: outputs, inner: planes, .transposed(basis + some.lowerBound, stride: planeStride),
      .rows(weight, stride: outputs), into: z, stride: outputs, adds: false)
  }

  /// Z = Bᵀ W, bias, ReLU and pooling.
  ///
  /// Shapes: as in `product` and `Pooling.forward`, all parents.
  package func forward(
    basis: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, winners: UnsafeMutablePointer<Int32>,
    scratch z: UnsafeMutablePointer<Float>
  ) {
    blocks { parents in
      product(basis, nodes: pooling.nodes(of: parents), weight: weight, into: z)
      pooling.forward(z, some: parents, bias: bias, into: output, winners: winners)
    }
  }

  /// The gradients of `forward`, **added to** `weightGradient` [order, inputs, outputs] and `biasGradient` [outputs].
  ///
  /// Shapes: as in `Pooling.backward`, all parents.
  package func backward(
    basis: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, output: UnsafePointer<Float>,
    winners: UnsafePointer<Int32>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>, scratch dz: UnsafeMutablePointer<Float>
  ) {
    blocks { parents in
      let some = pooling.nodes(of: parents)
      pooling.backward(
        gradient, some: parents, output: output, winners: winners, into: dz, biasGradient: biasGradient)
      panelProduct(
        rows: planes, columns: outputs, inner: some.count, .rows(basis + some.lowerBound, stride: planeStride),
        .rows(dz, stride: outputs), into: weightGradient, stride: outputs, adds: true)
    }
  }

  private func blocks(_ body: (_ parents: Range<Int>) -> Void) {
    for start in stride(from: 0, to: pooling.parents, by: parentsOfBlock) {
      body(start..<min(start + parentsOfBlock, pooling.parents))
    }
  }
}
