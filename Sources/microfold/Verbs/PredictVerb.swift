// `predict`: what a checkpoint says of clips that need not belong to any study.

import Canonical
import Clips
import Foundation
import Kernels
import Training

enum PredictVerb: Verb {
  static let name = "predict"
  static let summary = "label and scores of clips by a checkpoint of fit-all, or of run --keep-checkpoints"
  static let flags = Flags(
    values: ["--threads", "--onset", "--apex", "--offset", "--overlay"], switches: ["--json"],
    words: ["CHECKPOINT", "CLIP"], repeatsLastWord: true)
  static let help = """
    microfold predict CHECKPOINT CLIP… [--overlay PNG] [--json]
    microfold predict CHECKPOINT CLIP [--onset N] [--apex N] [--offset N] [--overlay PNG] [--json]

    CLIP is a folder of frames from onset to offset (aligned faces, in the order of the last number in their names), or
    a video of such frames (AVI, MP4, MOV, MKV, WebM), or a prepared set, or one clip of it as FILE:SUBJECT/CLIP. Of a
    folder or video without --apex the apex is found as `prepare` finds it.

    Prints for each clip the label, and for every label its probability and, in brackets, its score: the mean
    log-probability over the clip's rows and their mirrors, as a fit scores a held-out clip. Of a configuration that
    averages it is the mean over its networks, and then of that and the ridge's, as the report takes it. The
    probabilities are the exponentials of the scores, divided by their sum.

      --onset N      the frame where the movement begins, by the numbers in the names; in a video frames count from 1
      --apex N       the frame where it is widest; the onset's number stands for: find it
      --offset N     the frame where it has ended
      --overlay PNG  a picture of each clip: onset, apex, the flow between them, and the probabilities as bars
      --threads N    threads; bits do not depend on it (the processors of this machine)
      --json         one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let path = arguments.words[0]
    let threads = try arguments.whole(
      "--threads", or: min(64, ProcessInfo.processInfo.activeProcessorCount), in: 1...64)
    let numbers = try numbers(arguments)
    let picture = arguments.value("--overlay")
    _ = try CheckpointHeader(path: path).numericClass.enter()
    let predictor = try Predictor(path: path, threads: threads)
    if let picture { try OutputFile.check(picture) }
    var answers: [ClipAnswer] = []
    var notes: [String] = []
    for word in arguments.words.dropFirst() {
      let found = try self.answers(word, numbers, predictor)
      answers += found
      let seen = found.count(where: \.isSeen)
      if seen > 0 {
        let which = seen == found.count ? "" : " \(seen) of \(found.count) clips are of people who trained it;"
        notes.append("\(word): the checkpoint was trained on this set;\(which) what it says of them is no test")
      }
    }
    for note in notes { Output.note(note) }
    if let picture { try draw(answers, predictor, checkpoint: path, to: picture) }
    guard arguments.has("--json") else {
      for answer in answers { Output.line(answer.line) }
      return 0
    }
    let (study, digest) = predictor.study
    Output.json([
      "checkpoint": .string(path), "study": ["name": .string(study), "digest": .string(digest.hex)],
      "labels": .array(predictor.labels.map { .string($0) }),
      "held_out": .array(predictor.heldOut.map { .string($0) }), "clips": .array(answers.map(\.json)),
    ])
    return 0
  }

  private static func numbers(_ arguments: Arguments) throws -> FrameNumbers {
    let limit = 999_999_999_999_999
    let given = try ["--onset", "--apex", "--offset"].map { flag in
      arguments.value(flag) == nil ? nil : try arguments.whole(flag, or: 0, in: 0...limit)
    }
    let numbers = try FrameNumbers(onset: given[0], apex: given[1], offset: given[2])
    guard numbers.isEmpty || arguments.words.count == 2 else {
      throw Failure("predict: --onset, --apex and --offset are for one clip; \(arguments.words.count - 1) were given")
    }
    return numbers
  }

  private static func answers(
    _ word: String, _ numbers: FrameNumbers, _ predictor: Predictor
  ) throws -> [ClipAnswer] {
    let source = try ClipWord(word, numbers: numbers, for: predictor)
    do {
      let predictions = try predictor.predictions(of: source.set, clips: source.clips)
      return source.clips.indices.map { place in
        ClipAnswer(
          name: source.names[place], clip: (source.set, source.clips[place]), prediction: predictions[place],
          isSeen: predictor.hasSeen(source.set, clip: source.clips[place]), labels: predictor.labels)
      }
    } catch {
      throw Failure("\(word): \(error)")
    }
  }

  private static func draw(
    _ answers: [ClipAnswer], _ predictor: Predictor, checkpoint: String, to path: String
  ) throws {
    let heldOut = predictor.heldOut.isEmpty ? "" : ", held out: " + predictor.heldOut.joined(separator: " ")
    let heading = "study \(predictor.study.name), \(checkpoint)\(heldOut)"
    try Overlay(answers.map(\.overlay), heading: heading).write(to: path)
    guard answers.count > Overlay.clipLimit else { return }
    Output.note("\(path) shows the first \(Overlay.clipLimit) of \(answers.count) clips")
  }
}
