// The convolutions of one SGCN: an image goes through all layers, forward, and its gradient back again.
//
// What the backward pass needs of an image lies in its slot: the basis of the first layer, the input of each later
// layer and the winning nodes of each pooling. Terms of the recursion and gradients lie in the scratch of the
// thread. Slots and scratch grow to the largest batch seen and are then used again.

import Kernels
import SpectralGraph

final class Convolutions {
  let name: String
  /// Floats of an image's flattened output: coarsest nodes × filters.
  let outputWidth: Int
  /// The part of the parameter block that the convolutions own.
  let region: Range<Int>
  var stages: [ConvolutionPlan.Stage] { plan.stages }

  private let plan: ConvolutionPlan
  private let pixels: [Int32]
  private let parameters: ParameterBlock
  private var store = AlignedFloats(count: 16)
  private var winners: [Int32] = []
  private var scratch: [AlignedFloats] = []

  init(name: String, graph: GraphHierarchy, network: NetworkSpec, parameters: ParameterBlock) {
    let plan = ConvolutionPlan(name: name, graph: graph, network: network, parameters: parameters)
    let last = plan.stages[plan.stages.count - 1]
    self.name = name
    self.plan = plan
    self.parameters = parameters
    pixels = graph.inputOrder
    outputWidth = last.pooling.outputCount
    region = plan.stages[0].weight.offset..<last.bias.offset + last.bias.count
  }

  /// Makes room for this many images at once, and for the scratch of the threads.
  func reserve(images: Int, threads: Int) {
    if store.count < images * plan.storeCount { store = AlignedFloats(count: images * plan.storeCount) }
    if winners.count < images * plan.winnerCount {
      winners = [Int32](repeating: 0, count: images * plan.winnerCount)
    }
    while scratch.count < min(threads, Lanes.count) { scratch.append(AlignedFloats(count: plan.scratchCount)) }
  }

  /// A pointer to the winners of all images; valid while nothing is reserved.
  func withWinners(_ body: (UnsafeMutablePointer<Int32>) -> Void) {
    winners.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("nothing was reserved") }
      body(base)
    }
  }

  /// One image forward.
  /// - Parameters:
  ///   - row: [inputs, pixels].
  ///   - output: [coarsest nodes, filters], set.
  ///   - winners: the pointer that `withWinners` gave.
  ///   - observe: sees each layer's Z (before its bias) and its pooled output; for tests of whole networks.
  func forward(
    _ row: UnsafePointer<Float>, slot: Int, worker: Int, winners: UnsafeMutablePointer<Int32>,
    into output: UnsafeMutablePointer<Float>,
    observe: ((_ layer: Int, _ z: UnsafePointer<Float>, _ output: UnsafePointer<Float>) -> Void)? = nil
  ) {
    let place = store.pointer + slot * plan.storeCount
    let z = scratch[worker].pointer
    let terms = scratch[worker].pointer + plan.termsOffset
    for (layer, stage) in stages.enumerated() {
      let weight = UnsafePointer(parameters.block.pointer + stage.weight.offset)
      if layer == 0 {
        plan.input.forward(row, pixels: pixels, weight: weight, basis: place, into: z)
      } else {
        plan.inner[layer - 1].forward(place + stage.store, weight: weight, into: z, scratch: terms)
      }
      let target = layer + 1 < stages.count ? place + stages[layer + 1].store : output
      stage.pooling.forward(
        z, bias: parameters.block.pointer + stage.bias.offset, into: target,
        winners: winners + slot * plan.winnerCount + stage.winners)
      observe?(layer, z, target)
    }
  }

  /// One image back; adds its gradients.
  /// - Parameters:
  ///   - gradient: [coarsest nodes, filters], the gradient for `output`.
  ///   - output: what `forward` of the same slot gave.
  ///   - sums: gradients of the `region` of the parameter block, added to.
  func backward(
    _ gradient: UnsafePointer<Float>, output: UnsafePointer<Float>, slot: Int, worker: Int,
    winners: UnsafePointer<Int32>, sums: UnsafeMutablePointer<Float>
  ) {
    let place = store.pointer + slot * plan.storeCount
    let z = scratch[worker].pointer
    let inputGradient = scratch[worker].pointer + plan.gradientOffset
    let terms = scratch[worker].pointer + plan.termsOffset
    var arriving = gradient
    for (layer, stage) in stages.enumerated().reversed() {
      stage.pooling.backward(
        arriving, output: layer + 1 < stages.count ? UnsafePointer(place + stages[layer + 1].store) : output,
        winners: winners + slot * plan.winnerCount + stage.winners, into: z,
        biasGradient: sums + (stage.bias.offset - region.lowerBound))
      let weightGradient = sums + (stage.weight.offset - region.lowerBound)
      if layer == 0 {
        plan.input.backward(basis: place, z, weightGradient: weightGradient)
      } else {
        plan.inner[layer - 1].backward(
          place + stage.store, z, weight: parameters.block.pointer + stage.weight.offset,
          weightGradient: weightGradient, into: inputGradient, scratch: terms)
        arriving = UnsafePointer(inputGradient)
      }
    }
  }
}
