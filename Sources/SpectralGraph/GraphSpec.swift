// What a graph is made from: everything that can change it, and nothing else.

/// How σ of Eq. 1 is read from the paper.
public enum Sigma: String, CaseIterable, Hashable, Sendable {
  /// Mean over nodes of the distance to the farthest chosen neighbour (the reading of the code lineage).
  case selected
  /// Mean over nodes of the distance to the farthest pixel of the image (the literal words; all weights near 1).
  case pixel
}

/// Which largest eigenvalue rescales a Laplacian (Eq. 2).
public enum LambdaMax: String, CaseIterable, Hashable, Sendable {
  /// The computed one of each level.
  case computed
  /// The upper bound 2 of every normalised Laplacian.
  case two
}

/// The p + q stochastic graph on the pixel grid, as Algorithm 1 needs it.
public struct GraphSpec: Hashable, Sendable {
  /// Pixels along each side of the image.
  public let side: Int
  /// p: how many nearest pixels are neighbours.
  public let nearest: Int
  /// q: how many further pixels within the threshold are drawn.
  public let stochastic: Int
  /// T²: squared pixel distance within which neighbours lie.
  public let thresholdSquared: Int
  /// The reading of σ.
  public let sigma: Sigma
  /// The largest eigenvalue used.
  public let lambdaMax: LambdaMax
  /// Key of the stochastic choice.
  public let seed: UInt64

  /// A graph of these choices.
  /// - Precondition: `side` is 1 … 1024; counts and threshold are not negative.
  public init(
    side: Int, nearest: Int, stochastic: Int, thresholdSquared: Int, sigma: Sigma = .selected,
    lambdaMax: LambdaMax = .computed, seed: UInt64 = 1
  ) {
    precondition((1...1024).contains(side), "the side of a pixel graph is 1 to 1024 pixels")
    precondition(nearest >= 0 && stochastic >= 0 && thresholdSquared >= 0, "counts and threshold are not negative")
    self.side = side
    self.nearest = nearest
    self.stochastic = stochastic
    self.thresholdSquared = thresholdSquared
    self.sigma = sigma
    self.lambdaMax = lambdaMax
    self.seed = seed
  }
}
