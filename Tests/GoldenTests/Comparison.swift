// Distances from the oracle, each with its place.

/// What a number is, which decides how near it must be.
enum GoldenKind: String, CaseIterable {
  case value, gradient

  var limit: Double {
    switch self {
    case .value: 1e-5
    case .gradient: 1e-4
    }
  }
}

/// One comparison: ‖ours − oracle‖ / ‖oracle‖.
struct Distance {
  let kind: GoldenKind
  let place: String
  let error: Double
}

/// All comparisons of one case, in their order.
struct Comparison {
  private(set) var distances: [Distance] = []

  mutating func add(_ kind: GoldenKind, _ place: String, _ ours: [Double], _ oracle: [Double]) {
    guard ours.count == oracle.count else {
      distances.append(Distance(kind: kind, place: "\(place): \(ours.count) of \(oracle.count)", error: .infinity))
      return
    }
    var (difference, size) = (0.0, 0.0)
    for (value, expected) in zip(ours, oracle) {
      difference += (value - expected) * (value - expected)
      size += expected * expected
    }
    // A NaN of ours must not hide: it compares false with everything, so it counts as infinitely far.
    let error = size > 0 ? (difference / size).squareRoot() : difference.squareRoot()
    distances.append(Distance(kind: kind, place: place, error: error.isNaN ? .infinity : error))
  }
}
