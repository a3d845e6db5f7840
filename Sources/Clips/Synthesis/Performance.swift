// Performance: how one person shows one expression once: how strongly, in which time, and what else moves.
//
// Idea: a few groups of action units, each a displacement field with its own course in time: the upper face, the
// lower face a little before or after it, perhaps a blink, and a movement that means nothing. Head drift,
// flicker of the light and sensor noise go over everything.
import Kernels

/// One showing of an expression by one participant.
struct Performance {
  /// Frames of the clip; 1 for a still.
  let frames: Int
  /// Places of onset, apex and offset among the frames, from 0.
  let onset: Int
  let apex: Int
  let offset: Int
  private let groups: [Group]
  private let drift: Drift

  private struct Group {
    let field: MotionField
    let course: [Float]
  }

  /// A still at macro strength.
  init(still expression: Expression, _ motion: FaceMotion, _ random: inout CounterRandom) {
    frames = 1
    onset = 0
    apex = 0
    offset = 0
    let cast = Cast(expression, strength: 0.75 + 0.4 * random.unit(), absent: 0, &random)
    groups = [true, false].map { Group(field: cast.field(motion, upperFace: $0), course: [1]) }
    drift = Drift(frames: 1, reach: 1.5, noise: 1.5 + random.unit(), &random)
  }

  /// A clip at micro strength, 0.2 to 0.5 s at 90 to 200 frames a second and at most 40 frames from onset to offset.
  init(clip expression: Expression, _ motion: FaceMotion, _ random: inout CounterRandom) {
    let rate = [90, 100, 120, 150, 200][random.below(5)]
    let longest = min(0.5, 40 / Float(rate))
    let length = Int((0.2 + (longest - 0.2) * random.unit()) * Float(rate))
    onset = 1 + random.below(3)
    apex = onset + max(5, Int(Float(length) * (0.35 + 0.2 * random.unit())))
    offset = onset + length
    frames = offset + 1 + random.below(3)
    let cast = Cast(expression, strength: 0.34 + 0.24 * random.unit(), absent: 0.1, &random)
    let lag = Int(Float(length) * (0.16 * random.unit() - 0.08))
    let rest = 0.35 * random.unit()
    let span = (onset: onset, apex: apex, offset: offset)
    let count = frames
    var groups = [
      Group(
        field: cast.field(motion, upperFace: true),
        course: Self.course(count, onset: span.onset, apex: span.apex, offset: span.offset, rest: rest)),
      Group(
        field: cast.field(motion, upperFace: false),
        course: Self.course(count, onset: span.onset, apex: span.apex + lag, offset: span.offset, rest: rest)),
    ]
    groups.append(Self.nothing(motion, frames: count, &random))
    if random.unit() < 0.2 { groups.append(Self.blink(motion, frames: count, rate: rate, &random)) }
    self.groups = groups
    drift = Drift(frames: count, reach: 0.35, noise: 0.9 + 0.7 * random.unit(), &random)
  }

  /// Draws frame `index`.
  func draw(_ index: Int, with drawer: FrameDrawer, _ random: inout CounterRandom) -> [UInt8] {
    var field = MotionField(pixels: drawer.side * drawer.side)
    for group in groups where group.course[index] != 0 { field.add(group.field, weight: group.course[index]) }
    return drawer.draw(field, drift.exposure(index, side: drawer.side), &random)
  }

  /// 0 until the onset, 1 at the apex, `rest` from the offset on, smooth between.
  private static func course(_ frames: Int, onset: Int, apex: Int, offset: Int, rest: Float) -> [Float] {
    (0..<frames).map { frame in
      let rise = smoothStep(Float(onset), Float(apex), Float(frame))
      let fall = smoothStep(Float(apex), Float(offset), Float(frame))
      return rise * (1 - (1 - rest) * fall)
    }
  }

  /// A small movement that belongs to no expression: it comes and goes at any time.
  private static func nothing(_ motion: FaceMotion, frames: Int, _ random: inout CounterRandom) -> Group {
    let units: [ActionUnit] = [
      .dimpler, .lipTightener, .lipsPart, .lipCornerPuller, .lipCornerDepressor, .outerBrowRaiser,
    ]
    let unit = units[random.below(units.count)]
    let isRight = random.below(2) == 1
    let strength = 0.08 + 0.12 * random.unit()
    let middle = Float(frames) * random.unit()
    let width = Float(frames) * (0.15 + 0.2 * random.unit())
    let course = (0..<frames).map { strength * hill(Float($0) - middle, 0, width, 1) }
    return Group(field: motion.field(unit, isRight: isRight), course: course)
  }

  /// Lids that close partly or fully and open again within a fifth of a second.
  private static func blink(_ motion: FaceMotion, frames: Int, rate: Int, _ random: inout CounterRandom) -> Group {
    var field = motion.field(.blink, isRight: false)
    field.add(motion.field(.blink, isRight: true), weight: 1)
    let middle = Float(frames) * random.unit()
    let depth = 0.3 + 0.7 * random.unit()
    let width = 0.035 * Float(rate)
    return Group(field: field, course: (0..<frames).map { depth * hill(Float($0) - middle, 0, width, 1) })
  }
}

/// Which action units take part, and how strongly on each half of the face.
private struct Cast {
  private var parts: [(unit: ActionUnit, isRight: Bool, weight: Float)] = []

  /// `absent`: how probable it is that a unit after the first stays away.
  init(_ expression: Expression, strength: Float, absent: Float, _ random: inout CounterRandom) {
    let lean = 0.22 * (random.unit() * 2 - 1)
    for (index, (unit, share)) in expression.recipe.enumerated() {
      // People seldom show a whole recipe; the first unit always takes part.
      if index > 0, random.unit() < absent { continue }
      let own = share * strength * (0.7 + 0.5 * random.unit())
      // The jaw is one bone; everything else may lean to a side.
      let tilt = unit == .jawDrop ? 0 : lean + 0.08 * random.normal()
      parts.append((unit, false, own * (1 - tilt)))
      parts.append((unit, true, own * (1 + tilt)))
    }
  }

  func field(_ motion: FaceMotion, upperFace: Bool) -> MotionField {
    var sum = MotionField(pixels: motion.side * motion.side)
    for part in parts where part.unit.isUpperFace == upperFace {
      sum.add(motion.field(part.unit, isRight: part.isRight), weight: part.weight)
    }
    return sum
  }
}

/// Camera and head over a clip: slow drift, flicker of the light, noise of the sensor.
private struct Drift {
  private let from: SIMD4<Float>
  private let to: SIMD4<Float>
  private let gains: [Float]
  private let noise: Float

  /// `reach`: how far the head may move over the clip, in pixels of a 128-pixel frame.
  init(frames: Int, reach: Float, noise: Float, _ random: inout CounterRandom) {
    let unit = reach / 64
    func place() -> SIMD4<Float> {
      SIMD4(random.normal() * unit, random.normal() * unit, random.normal() * unit * 0.4, random.normal() * unit * 0.3)
    }
    from = place()
    to = from + 0.7 * place()
    let phase = 6.28 * random.unit()
    let speed = 0.5 + 2 * random.unit()
    let level = 1 + 0.03 * random.normal()
    gains = (0..<frames).map { level * (1 + 0.006 * sine(phase + speed * Float($0)) + 0.003 * random.normal()) }
    self.noise = noise
  }

  func exposure(_ frame: Int, side: Int) -> Exposure {
    let share = gains.count > 1 ? Float(frame) / Float(gains.count - 1) : 0
    let place = from + (to - from) * smoothStep(-0.2, 1.2, share)
    return Exposure(
      shiftX: place.x, shiftY: place.y, angle: place.z, growth: place.w, gain: gains[frame], noise: noise)
  }
}
