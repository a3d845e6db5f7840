// `predict`: what a checkpoint says of clips that need not belong to any study.

import Canonical
import Clips
import Foundation
import Kernels
import Training

enum PredictVerb: Verb {
  static let name = "predict"
  static let summary = "label and scores of clips by a checkpoint of fit-all"
  static let flags = Flags(
    values: ["--threads"], switches: ["--json"], words: ["CHECKPOINT", "CLIP"], repeatsLastWord: true)
  static let help = """
    microfold predict CHECKPOINT CLIP… [--json]

    CLIP is a folder of frames from onset to offset (aligned faces, in the order of the last number in their names; the
    apex is found as `prepare` finds it), or a prepared set, or one clip of it as FILE:SUBJECT/CLIP.

    Prints for each clip the label, and for every label its probability and, in brackets, its score: the mean
    log-probability over the clip's rows and their mirrors, as a fit scores a held-out clip. The probabilities are the
    exponentials of the scores, divided by their sum.

      --threads N   threads; bits do not depend on it (the processors of this machine)
      --json        one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let path = arguments.words[0]
    let threads = try arguments.whole(
      "--threads", or: min(64, ProcessInfo.processInfo.activeProcessorCount), in: 1...64)
    _ = try CheckpointHeader(path: path).numericClass.enter()
    let predictor = try Predictor(path: path, threads: threads)
    var answers: [Answer] = []
    var seen: [String] = []
    for word in arguments.words.dropFirst() {
      let found = try self.answers(word, predictor)
      answers += found
      if found.contains(where: \.isSeen) { seen.append(word) }
    }
    for word in seen {
      Output.note("\(word): the checkpoint was trained on this set; what it says of it is no test")
    }
    guard arguments.has("--json") else {
      for answer in answers { Output.line(line(answer, predictor)) }
      return 0
    }
    let (study, digest) = predictor.study
    Output.json([
      "checkpoint": .string(path), "study": ["name": .string(study), "digest": .string(digest.hex)],
      "labels": .array(predictor.labels.map { .string($0) }),
      "clips": .array(answers.map { json($0, predictor) }),
    ])
    return 0
  }

  /// What the checkpoint says of one clip.
  private struct Answer {
    let name: String
    let prediction: Prediction
    /// Whether the clip's set trained the checkpoint.
    let isSeen: Bool
  }

  private static func answers(_ word: String, _ predictor: Predictor) throws -> [Answer] {
    let source = try ClipWord(word, for: predictor)
    let isSeen = predictor.hasSeen(source.set)
    do {
      let predictions = try predictor.predictions(of: source.set, clips: source.clips)
      return zip(source.names, predictions).map { Answer(name: $0, prediction: $1, isSeen: isSeen) }
    } catch {
      throw Failure("\(word): \(error)")
    }
  }

  private static func line(_ answer: Answer, _ predictor: Predictor) -> String {
    let (labels, prediction) = (predictor.labels, answer.prediction)
    let figures = labels.indices.map { place in
      let numbers = String(format: "%.4f (%.4f)", prediction.probabilities[place], prediction.scores[place])
      return "\(labels[place]) \(numbers)"
    }
    return ([answer.name, labels[prediction.predicted]] + figures).joined(separator: "  ")
  }

  private static func json(_ answer: Answer, _ predictor: Predictor) -> JSON {
    func byLabel(_ values: [Float]) -> JSON {
      let numbers = values.map { JSON.number(Double("\($0)") ?? Double($0)) }
      return .object(Dictionary(zip(predictor.labels, numbers)) { first, _ in first })
    }
    let prediction = answer.prediction
    return [
      "clip": .string(answer.name), "predicted": .string(predictor.labels[prediction.predicted]),
      "probabilities": byLabel(prediction.probabilities), "scores": byLabel(prediction.scores),
      "trained_on": .bool(answer.isSeen),
    ]
  }
}
