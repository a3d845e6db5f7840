// The optimiser against its formulas, written out in Double.

import ChebNet
import TestSupport
import Testing

@Suite("Adam")
struct AdamTests {
  @Test("five steps match hand arithmetic, decay on weights only")
  func steps() {
    let parameters = ParameterBlock([(name: "a.weight", shape: [3, 7]), (name: "a.bias", shape: [5])])
    let gradients = ParameterBlock(like: parameters)
    var adam = Adam(rate: 1e-2, decay: 0.5, epsilon: 1e-3, weightDecay: 0.3)
    for (name, seed) in [("a.weight", 1), ("a.bias", 2)] {
      let count = parameters[name].count
      for (place, value) in GradientCheck.numbers(count, seed: seed).enumerated() {
        parameters[name][place] = Float(value)
      }
    }
    var expected = ["a.weight": parameters.values("a.weight").map(Double.init)]
    expected["a.bias"] = parameters.values("a.bias").map(Double.init)
    var (first, second): ([String: [Double]], [String: [Double]]) = ([:], [:])
    for step in 0..<5 {
      for (name, seed) in [("a.weight", 10), ("a.bias", 20)] {
        let g = GradientCheck.numbers(parameters[name].count, seed: seed + step)
        for (place, value) in g.enumerated() { gradients[name][place] = Float(value) }
        let rate = 1e-2 / (1 + 0.5 * Double(step))
        let m = zip(first[name] ?? g.map { _ in 0 }, g).map { 0.9 * $0 + 0.1 * $1 }
        let v = zip(second[name] ?? g.map { _ in 0 }, g).map { 0.999 * $0 + 0.001 * $1 * $1 }
        (first[name], second[name]) = (m, v)
        let powers = (0...step).reduce((1.0, 1.0)) { powers, _ in (powers.0 * 0.9, powers.1 * 0.999) }
        let keep = name == "a.weight" ? 1 - rate * 0.3 : 1
        expected[name] = (expected[name] ?? []).indices.map { place in
          let hat = m[place] / (1 - powers.0)
          let root = (v[place] / (1 - powers.1)).squareRoot()
          return (expected[name]?[place] ?? 0) * keep - rate * hat / (root + 1e-3)
        }
      }
      adam.step(parameters, gradients)
    }
    #expect(adam.steps == 5)
    for name in ["a.weight", "a.bias"] {
      #expect(GradientCheck.relativeError(parameters[name], expected[name] ?? []) < 2e-6, "\(name)")
    }
  }

  @Test("threads share a large tensor and give the same bits")
  func threads() {
    let results = [1, 2, 3].map { threads in
      let parameters = ParameterBlock([(name: "a.weight", shape: [263, 257])])
      let gradients = ParameterBlock(like: parameters)
      var adam = Adam(rate: 1e-2, weightDecay: 0.3)
      for step in 0..<2 {
        for (place, value) in GradientCheck.numbers(263 * 257, seed: step).enumerated() {
          gradients["a.weight"][place] = Float(value)
        }
        adam.step(parameters, gradients, threads: threads)
      }
      return parameters.values("a.weight")
    }
    #expect(results[0] == results[1] && results[0] == results[2] && results[0].allSatisfy { $0 != 0 })
  }
}
