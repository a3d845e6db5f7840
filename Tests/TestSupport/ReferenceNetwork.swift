// The network once more, in Double and the plainest way: dense Laplacians, whole basis, no lanes, no vector kernels.
//
// It shares nothing with ChebNet but the meaning of names, so that both being wrong in the same way is unlikely.

import Foundation

/// One level of a graph and what its layer does there.
public struct ReferenceLayer {
  /// Rescaled Laplacian, [nodes, nodes] row-major.
  public let laplacian: [Double]
  /// Real nodes.
  public let nodes: Int
  /// K.
  public let order: Int
  /// F_in.
  public let inputs: Int
  /// F_out.
  public let filters: Int
  /// Parent j pools nodes children[j]..<children[j + 1].
  public let children: [Int]

  /// A layer on a dense Laplacian.
  public init(laplacian: [Double], nodes: Int, order: Int, inputs: Int, filters: Int, children: [Int]) {
    self.laplacian = laplacian
    self.nodes = nodes
    self.order = order
    self.inputs = inputs
    self.filters = filters
    self.children = children
  }

  /// Z = Σ T_k(L) X W_k: [nodes, filters], without the bias.
  public func convolve(_ x: [Double], weight: [Double]) -> [Double] {
    var terms = [x]
    if order > 1 { terms.append(hop(x)) }
    while terms.count < order {
      let next = zip(hop(terms[terms.count - 1]), terms[terms.count - 2]).map { 2 * $0 - $1 }
      terms.append(next)
    }
    var z = [Double](repeating: 0, count: nodes * filters)
    for (k, term) in terms.enumerated() {
      for node in 0..<nodes {
        for input in 0..<inputs {
          for f in 0..<filters {
            z[node * filters + f] += term[node * inputs + input] * weight[(k * inputs + input) * filters + f]
          }
        }
      }
    }
    return z
  }

  /// max over children of ReLU(z + b): [parents, filters].
  public func pool(_ z: [Double], bias: [Double]) -> [Double] {
    var output: [Double] = []
    for parent in 0..<children.count - 1 {
      for f in 0..<filters {
        let values = (children[parent]..<children[parent + 1]).map { max(z[$0 * filters + f] + bias[f], 0) }
        output.append(values.max() ?? 0)
      }
    }
    return output
  }

  private func hop(_ x: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: x.count)
    for row in 0..<nodes {
      for column in 0..<nodes where laplacian[row * nodes + column] != 0 {
        for input in 0..<inputs {
          y[row * inputs + input] += laplacian[row * nodes + column] * x[column * inputs + input]
        }
      }
    }
    return y
  }
}

/// A network with one SGCN or two, dense layers or none, dropout by a given mask, and focal loss.
public struct ReferenceNetwork {
  /// Layers of each SGCN.
  public let layers: [[ReferenceLayer]]
  /// Pixel of each node of the finest level, for each SGCN.
  public let pixels: [[Int]]
  /// Is there a dense layer between convolutions and head?
  public let hasDense: Bool
  /// How many logits.
  public let classes: Int
  /// α of the focal loss.
  public let alpha: Double
  /// γ of the focal loss.
  public let gamma: Double

  /// A network of these layers.
  public init(
    layers: [[ReferenceLayer]], pixels: [[Int]], hasDense: Bool, classes: Int, alpha: Double, gamma: Double
  ) {
    self.layers = layers
    self.pixels = pixels
    self.hasDense = hasDense
    self.classes = classes
    self.alpha = alpha
    self.gamma = gamma
  }

  /// Logits of one planar image [inputs, pixels]; `factors` multiplies the features (dropout).
  public func logits(_ image: [Double], factors: [Double]?, parameters: [String: [Double]]) -> [Double] {
    var features: [Double] = []
    for (place, layers) in layers.enumerated() {
      let name = "sgcn\(place + 1)"
      let nodes = pixels[place]
      let inputs = layers[0].inputs
      var x = nodes.flatMap { pixel in (0..<inputs).map { image[$0 * nodes.count + pixel] } }
      for (index, layer) in layers.enumerated() {
        let z = layer.convolve(x, weight: parameters["\(name).conv\(index).weight"] ?? [])
        x = layer.pool(z, bias: parameters["\(name).conv\(index).bias"] ?? [])
      }
      if hasDense { x = linear(x, "\(name).dense", parameters).map { max($0, 0) } }
      features += x
    }
    if let factors { features = zip(features, factors).map(*) }
    if parameters["head.dense.weight"] != nil {
      features = linear(features, "head.dense", parameters).map { max($0, 0) }
    }
    return linear(features, "head", parameters)
  }

  /// Mean of weighted focal losses over rows.
  public func loss(
    rows: [[Double]], labels: [Int], weights: [Double], factors: [[Double]]?, parameters: [String: [Double]]
  ) -> Double {
    var sum = 0.0
    for (row, image) in rows.enumerated() {
      let logits = logits(image, factors: factors?[row], parameters: parameters)
      sum += weights[row] * focal(logits, label: labels[row])
    }
    return sum / Double(rows.count)
  }

  /// −α (1 − p)^γ ln p.
  public func focal(_ logits: [Double], label: Int) -> Double {
    let top = logits.max() ?? 0
    let total = logits.reduce(0) { $0 + exp($1 - top) }
    let logP = logits[label] - top - log(total)
    return -alpha * pow(1 - exp(logP), gamma) * logP
  }

  private func linear(_ x: [Double], _ name: String, _ parameters: [String: [Double]]) -> [Double] {
    let weight = parameters["\(name).weight"] ?? []
    var y = parameters["\(name).bias"] ?? []
    let outputs = y.count
    for (i, value) in x.enumerated() { for j in 0..<outputs { y[j] += value * weight[i * outputs + j] } }
    return y
  }
}
