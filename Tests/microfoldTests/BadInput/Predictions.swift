// Checkpoints, clips, and studies that do not say which network to train.

import Foundation
import TestSupport

extension BadInput {
  private static let fit = "fit-all study.yaml --data target=ok.set"
  private static let predict = "predict a.checkpoint"

  /// A good checkpoint in the folder, and then something wrong.
  private static func trained(
    _ spoil: @escaping @Sendable (TemporaryFolder) throws -> Void = { _ in }
  ) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      try folder.write(TinyStudy.checkpoint(), to: "a.checkpoint")
      try spoil(folder)
    }
  }

  /// Changes text in the checkpoint's header for as many bytes.
  private static func header(_ old: String, _ new: String) -> @Sendable (TemporaryFolder) throws -> Void {
    trained { folder in
      var bytes = folder.bytes("a.checkpoint")
      guard old.utf8.count == new.utf8.count, let place = Data(bytes).range(of: Data(old.utf8)) else {
        throw TooLate(description: "no \(old)")
      }
      bytes.replaceSubrange(place, with: new.utf8)
      try folder.write(bytes, to: "a.checkpoint")
    }
  }

  private static func prepare(_ root: String, side: Int) -> @Sendable (TemporaryFolder) throws -> Void {
    trained { folder in
      let words = ["prepare", "--layout", "flow-images", "--root", root, "--side", "\(side)", "--out", "other.set"]
      let made = try Child.run(words, in: folder)
      guard made.status == 0 else { throw TooLate(description: made.errors) }
    }
  }

  static let predictions: [BadInput] =
    studiesOfAll + clips + videos + [
      BadInput(
        "checkpoints of a run that is none", "report set --keep-checkpoints", "set: not a run directory"),
      BadInput("no checkpoint", "predict", "CHECKPOINT is missing"),
      BadInput("no clip", predict, "CLIP is missing"),
      BadInput("a checkpoint that is not there", "\(predict) ok.set", "a.checkpoint cannot be read", "no such file"),
      BadInput("a folder for a checkpoint", "predict set ok.set", "set is not a regular file", "fit-all"),
      BadInput("a set for a checkpoint", "predict ok.set ok.set", "ok.set is no safetensors file"),
      BadInput("an empty checkpoint", "\(predict) ok.set", "a.checkpoint is no safetensors file") {
        try $0.write([], to: "a.checkpoint")
      },
      BadInput(
        "a truncated checkpoint", "\(predict) ok.set", "a.checkpoint", "the tensors need", "bytes",
        spoil: trained { try $0.write($0.bytes("a.checkpoint").dropLast(100), to: "a.checkpoint") }),
      BadInput(
        "a checkpoint that ends in its header", "\(predict) ok.set", "a.checkpoint", "ends early",
        spoil: trained { try $0.write($0.bytes("a.checkpoint").prefix(200), to: "a.checkpoint") }),
      BadInput(
        "a checkpoint without a recipe", "\(predict) ok.set", "holds no recipe", "microfold fit-all",
        spoil: header("\"recipe\":", "\"recepi\":")),
      BadInput(
        "a checkpoint of a class that is not here", "\(predict) ok.set", "numeric class avx9.", "here are generic",
        spoil: header("\\\"numeric_class\\\":\\\"avx2.", "\\\"numeric_class\\\":\\\"avx9.")),
      BadInput(
        "a recipe of a later version", "\(predict) ok.set", "recipe.version is not 1",
        spoil: header("\\\"version\\\":1", "\\\"version\\\":2")),
      BadInput(
        "a recipe with another graph", "\(predict) ok.set", "graph 1 is not the one",
        spoil: header("\\\"nearest\\\":4", "\\\"nearest\\\":3")),
    ]

  private static let clips: [BadInput] = [
    BadInput("a clip that is not there", "\(predict) none", "none: there is no such file", spoil: trained()),
    BadInput(
      "a clip that the set does not have", "\(predict) ok.set:S1/none", "no clip \"S1/none\"", "S1/happiness0",
      spoil: trained()),
    BadInput("another file for a clip", "\(predict) study.yaml", "not a prepared set", spoil: trained()),
    BadInput(
      "a second clip that is none", "\(predict) ok.set:S1/happiness0 none", "none: there is no such file",
      spoil: trained()),
    BadInput(
      "a clip folder without frames", "\(predict) clip", "clip: no image in this clip", "add its frames",
      spoil: trained { try $0.write("x".utf8, to: "clip/notes.txt") }),
    BadInput(
      "frames for a network that was trained on flow images", "\(predict) clip", "scaled image by image",
      spoil: trained { folder in
        for frame in 1...3 {
          let picture = TinyPNG.bytes(16, 16) { x, y in (UInt8(9 * x + 20 * frame), UInt8(9 * y), UInt8(x * y)) }
          try folder.write(picture, to: "clip/\(frame).png")
        }
      }),
    BadInput(
      "a bit off in the one clip", "\(predict) ok.set:S3/surprise1", "S3/surprise1 does not match its digest",
      spoil: trained { try $0.flip("ok.set", at: -200) }),
    BadInput(
      "a set of another side", "\(predict) other.set", "other.set: a.checkpoint", "12 pixels wide", "--side 12",
      spoil: prepare("other", side: 16)),
  ]

  /// A good checkpoint and `clip.avi`, six frames of 16 × 16.
  private static func filmed(_ cut: Int = 0) -> @Sendable (TemporaryFolder) throws -> Void {
    trained { folder in
      let film = TinyAVI.bytes(16, 16, frames: 6) { frame, x, y in (UInt8(9 * x + 20 * frame), UInt8(9 * y), 0) }
      try folder.write(film.dropLast(cut), to: "clip.avi")
    }
  }

  private static let videos: [BadInput] = [
    BadInput(
      "a video for a network that was trained on flow images", "\(predict) clip.avi", "scaled image by image",
      spoil: filmed()),
    BadInput("a truncated video", "\(predict) clip.avi", "clip.avi: the video ends early", spoil: filmed(50)),
    BadInput(
      "a text for a video", "\(predict) clip.avi", "clip.avi: it is no video", "folder of images",
      spoil: trained { try $0.write("#EXTM3U\n".utf8, to: "clip.avi") }),
    BadInput(
      "an offset behind the video", "\(predict) clip.avi --offset 7", "offset is frame 7", "frames 1 to 6",
      spoil: filmed()),
    BadInput(
      "an apex before the onset", "\(predict) clip.avi --onset 3 --apex 2", "onset 3, apex 2",
      "onset <= apex <= offset", spoil: filmed()),
    BadInput(
      "an onset that is no number", "\(predict) clip.avi --onset first", "--onset first", "whole number",
      spoil: filmed()),
    BadInput(
      "an apex for a prepared clip", "\(predict) ok.set:S1/happiness0 --apex 3", "for a folder of frames or a video",
      spoil: trained()),
    BadInput(
      "an apex for two clips", "\(predict) clip.avi clip.avi --apex 3", "are for one clip; 2 were given",
      spoil: filmed()),
    BadInput(
      "a picture in no folder", "\(predict) ok.set --overlay no/a.png", "no/a.png cannot be written", "make it first",
      spoil: trained()),
    BadInput(
      "a folder for a picture", "\(predict) ok.set --overlay set", "set cannot be written", "folder",
      spoil: trained()),
  ]

  private static let studiesOfAll: [BadInput] = [
    BadInput("several seeds to fit", "\(fit) --out a", "study.yaml: seeds: 2 seeds (1, 2)", "--seed N"),
    BadInput(
      "several configurations to fit", "\(fit) --seed 1 --out a", "2 configurations", "--configuration NAME",
      "\"fit.epochs=1\""
    ) { try $0.replace("seeds:", by: "grid: { fit.epochs: [1, 3] }\nseeds:", in: "study.yaml") },
    BadInput("a configuration that is none", "\(fit) --seed 1 --configuration x --out a", "\"x\"", "\"default\""),
    BadInput("a checkpoint without a name", "\(fit) --seed 1", "--out is missing"),
    BadInput("a checkpoint in no folder", "\(fit) --seed 1 --out no/a", "no/a cannot be written", "make it first"),
    BadInput("a folder for a new checkpoint", "\(fit) --seed 1 --out set", "set cannot be written", "folder"),
    BadInput("fit-all without its data", "fit-all study.yaml --seed 1 --out a", "--data target=FILE"),
    BadInput(
      "a rate that is far too large", "\(fit) --seed 1 --out a", "fit fails: numbers: the loss became", status: 1
    ) {
      try $0.replace("{ epochs: 2 }", by: "{ epochs: 50, rate: 1, weight_decay: 100, patience: 0 }", in: "study.yaml")
    },
    BadInput("a choice with an open seed", "\(fit) --out a", "2 seeds (1, 2)", "--seed N", spoil: choice("0.001")),
    BadInput(
      "a candidate that cannot be trained", "\(fit) --seed 1 --out a", "fit fails: numbers: the loss became",
      "configuration fit.rate=1.0", status: 1, spoil: choice("1.0")),
    BadInput(
      "an average in place of a pretrained network",
      "run study.yaml --data target=ok.set --data net=two.checkpoint --run-dir run",
      "two.checkpoint holds an average of networks", "the file of one"
    ) { folder in
      try folder.replace("seeds:", by: "average: { networks: 2, ridge: true }\nseeds:", in: "study.yaml")
      let made = try Child.run(
        ["fit-all", "study.yaml", "--data", "target=source.set", "--seed", "1", "--out", "two.checkpoint"], in: folder)
      guard made.status == 0 else { throw TooLate(description: made.errors) }
      let study = TinyStudy.scratch.replacingOccurrences(of: "target: target", with: "target: target, pretrained: net")
      try folder.write(
        (study + "transfer: finetune\nprotocol: { kind: loso, leakage: paper }\n").utf8, to: "study.yaml")
    },
  ]

  /// A nested study that chooses between two rates.
  private static func choice(_ rate: String) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      let text = """
        protocol: { kind: loso, selection: nested, inner_folds: 3 }
        grid: { fit.rate: [0.0003, \(rate)] }
        seeds:
        """
      try folder.replace("seeds:", by: text, in: "study.yaml")
      try folder.replace("{ epochs: 2 }", by: "{ epochs: 50, weight_decay: 100, patience: 0 }", in: "study.yaml")
    }
  }
}
