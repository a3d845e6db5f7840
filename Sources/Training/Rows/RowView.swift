// How a row is looked at, and what it is mixed with: the augmentations of training rows.

/// How an image is shown: as it is, mirrored, shifted by whole pixels. A face that is mirrored is shifted afterwards.
package struct RowView: Equatable {
  /// Flipped left to right.
  package var mirrored = false
  /// Pixels to the right and down; what leaves the image is lost, what enters repeats its border.
  package var right = 0
  package var down = 0

  /// A view.
  package init(mirrored: Bool = false, right: Int = 0, down: Int = 0) {
    self.mirrored = mirrored
    self.right = right
    self.down = down
  }

  /// Whether the image stays at its place.
  var isCentred: Bool { right == 0 && down == 0 }

  /// Moves a square image; its border values fill what comes in.
  package func shift(_ plane: UnsafeMutableBufferPointer<Float>, side: Int) {
    let image = Array(plane)
    for y in 0..<side {
      let line = min(max(y - down, 0), side - 1) * side
      for x in 0..<side { plane[y * side + x] = image[line + min(max(x - right, 0), side - 1)] }
    }
  }
}

/// What each row of a batch becomes: share · itself + (1 − share) · its partner.
package struct Mixture {
  /// The place of each row's partner in the batch.
  package let partners: [Int]
  /// What each row keeps of itself, 0…1.
  package let shares: [Float]

  /// A mixture.
  package init(partners: [Int], shares: [Float]) {
    precondition(partners.count == shares.count, "a partner and a share for each row")
    self.partners = partners
    self.shares = shares
  }

  /// Mixes vectors that begin at these places, one after the other into `target`.
  func mix(_ rows: (Int) -> UnsafePointer<Float>, width: Int, into target: UnsafeMutablePointer<Float>) {
    for (place, partner) in partners.enumerated() {
      let (own, other, mixed) = (rows(place), rows(partner), target + place * width)
      let share = shares[place]
      for column in 0..<width { mixed[column] = share * own[column] + (1 - share) * other[column] }
    }
  }
}
