// A run directory as the verbs that look at it see it: its study, its sets, its ledger, read without a lock.

import Canonical
import Clips
import Cluster
import Foundation
import Kernels
import Ledger
import Reports
import Study

/// An existing run directory, opened for reading.
struct RunFile {
  /// The setting that holds the seeds of the run.
  static let seedsKey = "seeds"
  /// The setting that holds the OpenCV that the plan names.
  static let openCVKey = "opencv"

  let paths: RunPaths
  let contents: LedgerContents

  /// Opens the ledger of a run directory.
  init(path: String) throws {
    paths = RunPaths(root: path)
    guard FileManager.default.fileExists(atPath: paths.ledger) else {
      throw Failure("\(path): not a run directory (no ledger.db in it); give the --run-dir of a run")
    }
    contents = try LedgerReader(path: paths.ledger).contents()
  }

  /// The study and its sets, from where they were when the run began, or from other files with the same digests.
  func study(data: [(name: String, path: String)] = []) throws -> StudyFile {
    var files: [(name: String, path: String)] = data
    for key in contents.meta.keys.sorted() where key.hasPrefix("set.") && key.hasSuffix(".path") {
      let name = String(key.dropFirst(4).dropLast(5))
      guard !files.contains(where: { $0.name == name }), let path = contents.meta[key] else { continue }
      guard FileManager.default.fileExists(atPath: path) else {
        throw Failure("\(paths.root): the set \"\(name)\" is not at \(path) any more; give it by --data \(name)=FILE")
      }
      files.append((name, path))
    }
    let seeds = contents.meta[Self.seedsKey]?.split(separator: ",").compactMap { Int($0) }
    // The plan of the run, also where another OpenCV is installed by now: a report needs none.
    let file = try StudyFile(
      path: paths.study, data: files, seeds: seeds, openCV: contents.meta[Self.openCVKey])
    guard file.plan.digest.hex == contents.meta[RunMeta.plan] else {
      throw Failure("\(paths.root): study or data are not what this run was made with; give the same files with --data")
    }
    return file
  }

  /// The stage that a person names: an index, or the beginning of a digest.
  func stage(_ name: String) throws -> StageRow {
    let matches = contents.stages.filter { row in
      Int(name).map { $0 == row.index } ?? false || name.count >= 4 && row.digest.hex.hasPrefix(name)
    }
    guard let first = matches.first, matches.count == 1 else {
      let what = matches.isEmpty ? "no stage" : "\(matches.count) stages"
      throw Failure("\(paths.root): \(what) \"\(name)\"; give an index or at least four digits of a digest")
    }
    return first
  }

  /// The artifact files of a stage's parents, by the parents' digests.
  func parentArtifacts(of index: Int, in plan: Plan) throws -> [Digest: String] {
    let store = try ArtifactStore(root: paths.artifacts)
    let results = Dictionary(contents.results.map { ($0.stage, $0) }) { first, _ in first }
    var files: [Digest: String] = [:]
    for parent in plan.stages[index].parents {
      guard let artifact = results[parent]?.artifact else {
        throw Failure("stage \(index) needs stage \(parent), which has no result yet; run the study first")
      }
      files[plan.stages[parent].digest] = store.path(of: artifact)
    }
    return files
  }
}

extension RunFile {
  /// The files of the report, from the ledger as it is.
  func reportFiles(of file: StudyFile, processor: String) throws -> [(name: String, bytes: [UInt8])] {
    let report = try RunReport(plan: file.plan, sets: file.sets, contents: contents)
    let facts = report.runFacts(
      version: BuildVersion.current, processor: processor, numericClass: file.study.kernelClass.name)
    return try Reports.reportFiles(report.input(run: facts))
  }
}
