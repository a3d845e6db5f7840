// From facts to files: the entry of this target.
//
// New file: give it a maker in `reportFiles`. New section of the page: give it a line in Page/Page.swift. New figure:
// give it a value in Study/Metrics, then a member in Text/ReportJSON.swift.

import Canonical
import Glibc

/// Makes every file of the report folder.
///
/// report.json, report.md, folds.csv and predictions.csv depend on the results alone, never on the order of `rows`;
/// report.html and run.json also hold how the run went. Starts gnuplot for the picture of the folds, and waits for it
/// at most ten seconds; the page says so where there is none.
/// - Parameter gnuplot: the program's name or path.
/// - Throws: `ReportError.inconsistent` where a row or a cell does not fit the study.
public func reportFiles(
  _ input: ReportInput, gnuplot: String = "gnuplot"
) throws(ReportError) -> [(name: String, bytes: [UInt8])] {
  let summary = try Summary(input)
  let picture = summary.foldPicture(Gnuplot(program: gnuplot))
  return [
    ("predictions.csv", Array(summary.predictionsCSV.utf8)),
    ("folds.csv", Array(summary.foldsCSV.utf8)),
    ("report.json", summary.json.bytes + [UInt8(ascii: "\n")]),
    ("report.md", Array(summary.markdown.utf8)),
    ("run.json", input.runJSON.bytes + [UInt8(ascii: "\n")]),
    ("report.html", Array(summary.page(chart: picture).utf8)),
  ]
}

/// Writes files into a folder, each one whole or not at all: a temporary name beside it, fsync, rename.
///
/// Makes the folder, and those above it.
/// - Throws: `ReportError.diskFull` or `.notWritable`; a file that could not be written keeps its old content.
public func writeReport(_ files: [(name: String, bytes: [UInt8])], to folder: String) throws(ReportError) {
  let made = FolderWriter.makeFolder(folder)
  guard made == 0 else { throw FolderWriter.error(made, folder) }
  for file in files {
    let path = "\(folder)/\(file.name)"
    let temporary = "\(folder)/.\(file.name).\(getpid()).tmp"
    var status = FolderWriter.write(file.bytes, to: temporary)
    if status == 0 { status = rename(temporary, path) == 0 ? 0 : errno }
    guard status == 0 else {
      unlink(temporary)
      throw FolderWriter.error(status, path)
    }
  }
  FolderWriter.syncFolder(folder)
}
