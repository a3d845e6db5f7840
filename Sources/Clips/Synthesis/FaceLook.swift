// FaceLook: the skin, hair and light of one participant.
import Kernels

/// What a face is made of and how it is lit; reflectances from 0 to 1.
struct FaceLook {
  enum Hair: Int, CaseIterable { case short, long, receding, fringe }

  let skin: Float
  let mottling: Float
  let lip: Float
  let hair: Hair
  let hairTone: Float
  let browTone: Float
  let browDensity: Float
  let iris: Float
  let stubble: Float
  let moles: [(x: Float, y: Float, radius: Float)]
  let background: Float
  /// Unit vector towards the key light; x to the right, y downwards, z to the viewer.
  let light: SIMD3<Float>
  let ambient: Float
  let gloss: Float

  init(_ random: inout CounterRandom) {
    func between(_ low: Float, _ high: Float) -> Float { mix(low, high, random.unit()) }
    skin = between(0.26, 0.66)
    mottling = between(0.03, 0.08)
    lip = between(0.58, 0.74)
    hair = Hair.allCases[random.below(Hair.allCases.count)]
    hairTone = between(0.02, 0.05) + (random.unit() < 0.3 ? between(0.06, 0.22) : 0)
    browTone = min(hairTone * 1.2 + 0.02, 0.12)
    browDensity = between(0.7, 1.2)
    iris = between(0.05, 0.3)
    let beard = between(0.15, 0.4)
    stubble = random.unit() < 0.35 && hair != .long ? beard : 0
    moles = (0..<random.below(5)).map { _ in
      (x: between(-0.5, 0.5), y: between(-0.55, 0.75), radius: between(0.008, 0.014))
    }
    background = between(0.08, 0.6)
    let side = between(-1.1, 1.1)
    let height = between(-0.75, -0.25)
    let length = (side * side + height * height + 1).squareRoot()
    light = SIMD3(side / length, height / length, 1 / length)
    ambient = between(0.20, 0.38)
    gloss = between(0.04, 0.14)
  }
}
