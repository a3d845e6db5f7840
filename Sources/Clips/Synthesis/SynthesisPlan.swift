// SynthesisPlan: who shows which expression how often. Pure; drawing follows it.
import Kernels

/// One still or one clip that will be drawn.
struct PlannedDrawing: Sendable {
  /// Participant, from 1.
  let subject: Int
  /// What the participant's id begins with.
  let prefix: String
  let expression: Expression
  /// Number within the participant and the set, from 1: names are unique within a participant.
  let number: Int
  let isStill: Bool

  /// `S01`…
  var subjectName: String { prefix + twoDigits(subject) }
  /// `still-01` or `clip-01`…
  var name: String { (isStill ? "still-" : "clip-") + twoDigits(number) }
  /// The random stream of this drawing, apart from every other's.
  var stream: UInt64 { UInt64(subject) << 16 | (isStill ? 1 << 12 : 1 << 13) | UInt64(number) }
  /// The random stream of the noise in one of its frames, so that a frame can be drawn without those before it.
  func noiseStream(frame: Int) -> UInt64 { UInt64(frame + 1) << 40 | stream }
}

/// All drawings of a study, participant after participant.
struct SynthesisPlan: Sendable {
  let stills: [PlannedDrawing]
  let clips: [PlannedDrawing]

  /// Macro stills are balanced; micro clips are as unbalanced as MMEW's, but every expression is shown by at
  /// least half of the participants.
  init(_ options: SynthesisOptions) {
    let subjects = Array(1...options.subjects)
    stills = subjects.flatMap { subject in
      (0..<(options.stillsPerLabel * Expression.allCases.count)).map { index in
        let expression = Expression.allCases[index / options.stillsPerLabel]
        return PlannedDrawing(
          subject: subject, prefix: options.prefix, expression: expression, number: index + 1, isStill: true)
      }
    }
    var shown = [[Expression]](repeating: [], count: options.subjects)
    var random = CounterRandom(key: options.seed, stream: 1)
    for expression in Expression.allCases {
      let order = random.permutation(options.subjects)
      for turn in 0..<Self.count(expression, options) {
        shown[Int(order[turn % order.count])].append(expression)
      }
    }
    clips = subjects.flatMap { subject in
      var mixed = shown[subject - 1]
      random.shuffle(&mixed)
      return mixed.enumerated().map { index, expression in
        PlannedDrawing(
          subject: subject, prefix: options.prefix, expression: expression, number: index + 1, isStill: false)
      }
    }
  }

  private static func count(_ expression: Expression, _ options: SynthesisOptions) -> Int {
    let all = options.subjects * options.clipsPerSubject
    let weights = Expression.allCases.map(\.microWeight).reduce(0, +)
    return max((all * expression.microWeight + weights / 2) / weights, (options.subjects + 1) / 2)
  }
}

/// A number with at least two digits.
func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
