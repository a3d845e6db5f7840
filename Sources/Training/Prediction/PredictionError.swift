// Why nothing was predicted: one line.

/// A checkpoint or a clip that cannot be used.
public struct PredictionError: Error, Equatable, CustomStringConvertible {
  /// One line: what, where, what to do.
  public let description: String

  /// An error with its line; what is no printable text is replaced and the end cut, since it may come out of a file.
  init(_ line: String) {
    let text = line.unicodeScalars.prefix(600).map { $0.properties.generalCategory == .control ? "?" : $0 }
    description = String(String.UnicodeScalarView(text))
  }

  /// What a stage would say, said of a file.
  init(_ path: String, _ error: StageError) {
    switch error {
    case .cancelled: self.init("\(path): cancelled")
    case .data(let line), .numeric(let line), .description(let line), .artifact(let line): self.init("\(path): \(line)")
    }
  }
}
