// Plain twins of the kernels that layers and the optimiser use.

extension PlainKernels {
  /// One pass of bias, ReLU and maximum over children; see `biasReluPool`.
  package static func biasReluPool(
    _ z: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ children: UnsafePointer<Int32>, _ parents: Int,
    _ filters: Int, _ output: UnsafeMutablePointer<Float>, _ winner: UnsafeMutablePointer<Int32>
  ) {
    for parent in 0..<parents {
      for filter in 0..<filters {
        var best = z[Int(children[parent]) * filters + filter] + bias[filter]
        var index = children[parent]
        for child in (children[parent] + 1)..<max(children[parent + 1], children[parent] + 1) {
          let value = z[Int(child) * filters + filter] + bias[filter]
          if value > best || value != value {
            best = value
            index = child
          }
        }
        output[parent * filters + filter] = best < 0 ? 0 : best
        winner[parent * filters + filter] = index
      }
    }
  }

  /// The gradient of `biasReluPool`.
  package static func biasReluPoolGradient(
    _ gradient: UnsafePointer<Float>, _ output: UnsafePointer<Float>, _ winner: UnsafePointer<Int32>,
    _ children: UnsafePointer<Int32>, _ parents: Int, _ filters: Int, _ zGradient: UnsafeMutablePointer<Float>,
    _ biasGradient: UnsafeMutablePointer<Float>
  ) {
    for parent in 0..<parents {
      for filter in 0..<filters {
        let place = parent * filters + filter
        let passed = output[place] > 0 ? gradient[place] : 0
        for child in children[parent]..<children[parent + 1] {
          zGradient[Int(child) * filters + filter] = winner[place] == child ? passed : 0
        }
        biasGradient[filter] += passed
      }
    }
  }

  /// One step of Adam; see `adamUpdate`.
  package static func adamUpdate(
    _ count: Int, _ parameters: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ step: AdamStep
  ) {
    for place in 0..<count {
      let gradient = gradients[place]
      first[place] = step.beta1 * first[place] + step.rest1 * gradient
      second[place] = step.beta2 * second[place] + (step.rest2 * gradient) * gradient
      let mean = first[place] * step.correction1
      let deviation = (second[place] * step.correction2).squareRoot() + step.epsilon
      parameters[place] = parameters[place] * step.keep - step.rate * (mean / deviation)
    }
  }
}
