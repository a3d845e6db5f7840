// From facts to files: the one entry of this target.

/// Makes every file of the report folder.
///
/// report.json, report.md, folds.csv and predictions.csv depend on the results alone, never on the order of `rows`;
/// report.html and run.json also hold how the run went.
/// - Throws: `ReportError.inconsistent` where a row or a cell does not fit the study.
public func reportFiles(_ input: ReportInput) throws(ReportError) -> [(name: String, bytes: [UInt8])] {
  []
}

/// Writes files into a folder, each one whole or not at all (temporary name, fsync, rename). Makes the folder.
/// - Throws: `ReportError.diskFull` or `.notWritable`; files that were there before are then untouched.
public func writeReport(_ files: [(name: String, bytes: [UInt8])], to folder: String) throws(ReportError) {
}
