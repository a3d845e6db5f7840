// `doctor`: looks at everything that could stop a run or a worker here, and says what to do.

import Canonical
import Cluster
import Kernels

enum DoctorVerb: Verb {
  static let name = "doctor"
  static let summary = "check numbers, data, disk, keys, port and coordinator before a run is begun"
  static let flags = Flags(
    values: ["--class", "--run-dir", "--keys", "--listen", "--connect"], lists: ["--data"], switches: ["--json"])
  static let help = """
    microfold doctor [--data NAME=FILE]… [--run-dir DIR] [--keys DIR] [--listen ENDPOINT] [--connect ENDPOINT] [--json]

    One line for each thing that it was asked to look at, and for the numeric class: ok, careful or bad, and what to do.
    Changes nothing. Exit status 78 where something is bad.

      --class NAME          numeric class: avx2 (default), avx512 or generic; its self-check runs
      --data NAME=FILE      a prepared set: every byte is compared with its digest
      --run-dir DIR         where a run is to be: file system (none over the network), locks, free space
      --keys DIR            a folder of keys: who can read the secrets, which keys are authorised
      --listen ENDPOINT     where a coordinator is to listen: whether it is free
      --connect ENDPOINT    a running coordinator: whether it answers, and how far its clock is from this one
      --json                one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let className = arguments.value("--class") ?? NumericClass.avx2.rawValue
    guard let numericClass = NumericClass(name: className) else {
      throw Failure("doctor: --class \(className): one of avx2, avx512, generic was expected")
    }
    var findings = [Doctor.numericClass(numericClass)]
    for file in try arguments.dataFiles() { findings.append(Doctor.data(file.name, file.path)) }
    if let path = arguments.value("--run-dir") { findings.append(Doctor.disk(path)) }
    if let folder = arguments.value("--keys") { findings += Doctor.keys(folder) }
    if let text = arguments.value("--listen") {
      findings.append(Doctor.port(text, hasKeys: arguments.value("--keys") != nil))
    }
    if arguments.value("--connect") != nil { findings += Doctor.coordinator(arguments.controlClient) }
    let isBad = findings.contains { $0.grade == .bad }
    if arguments.has("--json") {
      Output.json(["ok": .bool(!isBad), "findings": .array(findings.map(\.json))])
    } else {
      for finding in findings { Output.line("\(finding.grade.rawValue)  \(finding.what): \(finding.text)") }
    }
    return isBad ? ExitStatus.refused : ExitStatus.done
  }
}
