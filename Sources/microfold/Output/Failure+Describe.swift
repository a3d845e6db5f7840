// Every error that can reach the command, as one line and an exit status.

import Clips
import Cluster
import Kernels
import Ledger
import Reports
import Study

extension Failure {
  /// The line and the status of an error.
  init(describing error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as any ExitError: self.init(error.description, status: error.exitStatus)
    case let error as LedgerError: self.init(error.description, status: error.exitStatus)
    case let error as ImportError: self.init(error.description, status: error.isWorthRetrying ? 75 : 2)
    case let error as SynthesisError: self.init(error.description, status: Self.status(of: error))
    case let error as PredictionsError: self.init(error.description)
    case let error as ReportError: self.init(error.description, status: Self.status(of: error))
    case let error as NumericClassError: self.init(error.description, status: 78)
    default: self.init("\(error)")
    }
  }
}

extension Failure {
  private static func status(of error: SynthesisError) -> Int32 {
    switch error {
    case .diskFull, .readOnly: 75
    case .option, .prefix, .occupied, .file: 2
    }
  }

  private static func status(of error: ReportError) -> Int32 {
    switch error {
    case .diskFull, .notWritable: 75
    case .inconsistent: 2
    }
  }
}
