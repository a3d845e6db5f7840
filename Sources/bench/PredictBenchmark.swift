// bench predict: one clip, from the start of `microfold predict` to its end, a new process each: a clip of a prepared
// set, and the same clip as a folder of frames, whose optical flow is computed then.
//
// Faces are drawn and a dual network of Table I is trained on them for one epoch first, by the same program; no clock
// runs meanwhile. Beside it stand the start of the program alone, and what Python needs to import torch.

import Canonical
import Glibc
import Kernels

/// Measures `microfold predict`.
func predictBenchmark(_ options: Options) throws -> Answer {
  let folder = try ScratchFolder()
  defer { withExtendedLifetime(folder) {} }
  let program = try Child.product("microfold")
  let clip = try drawnClip(program, side: options.tiny ? 32 : 64, in: folder)
  try folder.write(Array(study(options).utf8), to: "study.yaml")
  let checkpoint = folder.file("checkpoint.safetensors")
  try Child.need(
    program,
    ["fit-all", folder.file("study.yaml"), "--data", "micro=\(folder.file("micro.set"))", "--out", checkpoint],
    in: folder)
  let words = clip.split(separator: "/")
  let prepared = "\(folder.file("micro.set")):\(words[words.count - 3])/\(words[words.count - 1])"
  func predict_s(_ clip: String) throws -> Double {
    let arguments = ["predict", checkpoint, clip, "--threads", "\(options.threads)"]
    try Child.need(program, arguments, in: folder)
    return median_s(repeats: 5) { _ = Child.run(program, arguments) }
  }
  let (prepared_s, frames_s) = (try predict_s(prepared), try predict_s(clip))
  let start_s = median_s(repeats: 5) { _ = Child.run(program, ["--help"]) }
  let torch_s = torchImport_s()
  let json: JSON = [
    "processor": .string(NumericClass.processorName), "numeric_class": .string(options.numericClass.name),
    "threads": .integer(options.threads), "predict_s": rounded(prepared_s), "predict_frames_s": rounded(frames_s),
    "start_s": rounded(start_s), "import_torch_s": torch_s.map(rounded) ?? .null,
  ]
  let text = """
    \(Options.Verb.predict.question)
    \(options.tiny ? "a tiny" : "64 x 64, a dual") network; \(options.place), median of 5
    predict  \(digits(prepared_s, 3)) s for a prepared clip, from the start of the process to its end
    frames   \(digits(frames_s, 3)) s for the same clip as a folder of frames
    start    \(digits(start_s, 3)) s for microfold --help
    torch    \(torch_s.map { "\(digits($0, 3)) s for \(python) -c 'import torch'" } ?? "\(python) has none; set PYTHON")
    """
  return Answer(json: json, text: text)
}

/// Draws a few participants and prepares them.
/// - Returns: the folder of one clip.
private func drawnClip(_ program: String, side: Int, in folder: ScratchFolder) throws -> String {
  let root = folder.file("drawn")
  let few = ["--subjects", "2", "--clips-per-subject", "6", "--stills-per-label", "1"]
  try Child.need(program, ["synthesize", "--out", root] + few, in: folder)
  try Child.need(
    program,
    [
      "prepare", "--layout", "folders", "--root", root + "/micro", "--out", folder.file("micro.set"), "--side",
      "\(side)",
    ],
    in: folder)
  // ROOT/SUBJECT/LABEL/CLIP
  var clip = root + "/micro"
  for _ in 0..<3 {
    guard let inner = ScratchFolder.folders(in: clip).first else {
      throw ChildError(line: "no clip was drawn in \(clip)")
    }
    clip += "/" + inner
  }
  return clip
}

private func study(_ options: Options) -> String {
  let network = options.tiny ? "network: { layers: [{ order: 3, filters: 8, coarsenings: 2 }], dense: 16 }" : ""
  return """
    version: 1
    name: bench
    numeric_class: \(options.numericClass.rawValue)
    preset: table-1
    data: { target: micro }
    protocol: { kind: loso, leakage: strict }
    transfer: scratch
    fit: { epochs: 1, patience: 0 }
    seeds: [1]
    \(network)

    """
}

private var python: String { getenv("PYTHON").map { String(cString: $0) } ?? "python3" }

/// Seconds that Python takes to import torch and end; nil where it has none.
private func torchImport_s() -> Double? {
  let words = ["-c", "import torch"]
  guard Child.run(python, words) else { return nil }
  return median_s(repeats: 5) { _ = Child.run(python, words) }
}
