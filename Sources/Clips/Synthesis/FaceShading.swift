// FaceShading: how the key light, the sky and hollows shade a relief.

/// Light falling on a face, before the skin's own reflectance.
struct FaceShading {
  /// Reflected share of white skin, about 0…1.
  let diffuse: Canvas
  /// Gloss to be added, about 0…0.3.
  let gloss: Canvas
  /// Surface normals' x and y (z is positive), for the shading of wrinkles.
  let normalX: Canvas
  let normalY: Canvas

  init(_ height: Canvas, _ look: FaceLook) {
    let side = height.side
    let spacing = 4 / Float(side)
    let shadow = Self.shadow(height, light: look.light)
    let hollow = Self.hollow(height)
    let halfway = Self.halfway(look.light)
    var diffuse = Canvas(side: side)
    var gloss = diffuse
    var normalX = diffuse
    var normalY = diffuse
    for row in 0..<side {
      for column in 0..<side {
        let slopeX = (height.at(column + 1, row) - height.at(column - 1, row)) / spacing
        let slopeY = (height.at(column, row + 1) - height.at(column, row - 1)) / spacing
        let length = (slopeX * slopeX + slopeY * slopeY + 1).squareRoot()
        let normal = SIMD3(-slopeX, -slopeY, 1) / length
        let index = row * side + column
        let facing = (normal * look.light).sum()
        // Skin scatters light past the terminator: wrap the cosine a little.
        let lambert = max(0, (facing + 0.18) / 1.18)
        let open = hollow.values[index]
        let sky = look.ambient * (0.75 - 0.25 * normal.y) * open
        diffuse.values[index] = sky + 0.78 * lambert * shadow.values[index] * mix(1, open, 0.4)
        let shine = max(0, (normal * halfway).sum())
        gloss.values[index] = look.gloss * power(shine, 18) * shadow.values[index]
        normalX.values[index] = normal.x
        normalY.values[index] = normal.y
      }
    }
    self.diffuse = diffuse
    self.gloss = gloss
    self.normalX = normalX
    self.normalY = normalY
  }

  private static func halfway(_ light: SIMD3<Float>) -> SIMD3<Float> {
    let sum = light + SIMD3(0, 0, 1)
    return sum / (sum * sum).sum().squareRoot()
  }

  /// 1 in the light, towards 0.3 where the relief stands in the way; soft at the edge.
  private static func shadow(_ height: Canvas, light: SIMD3<Float>) -> Canvas {
    let step: Float = 0.025
    let lit = Canvas(side: height.side) { x, y in
      let start = height.sample(x, y)
      var blocked: Float = 0
      for index in 1...16 {
        let distance = step * Float(index)
        let sight = start + 0.012 + distance * light.z
        let there = height.sample(x + distance * light.x, y + distance * light.y)
        blocked = max(blocked, (there - sight) / (0.2 * distance + 0.02))
      }
      return 1 - 0.7 * min(blocked, 1)
    }
    return lit.blurred(deviation: Float(height.side) / 130)
  }

  /// Share of the sky that a point sees: less where its surroundings stand higher.
  private static func hollow(_ height: Canvas) -> Canvas {
    let near = height.blurred(deviation: Float(height.side) / 42)
    let wide = height.blurred(deviation: Float(height.side) / 16)
    var open = height
    for index in open.values.indices {
      let here = height.values[index]
      let dip = 15 * max(0, near.values[index] - here) + 7 * max(0, wide.values[index] - here)
      open.values[index] = 1 / (1 + dip)
    }
    return open
  }
}
