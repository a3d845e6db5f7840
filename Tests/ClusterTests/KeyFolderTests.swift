// Folders of keys on disk: made once, kept from others' eyes, edited as a whole.

import Access
import Cluster
import Foundation
import TestSupport
import Testing

@Suite struct KeyFolderTests {
  private let keys: Keys

  init() throws { keys = try Keys() }

  private func mode(_ file: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: keys.door.path + "/" + file)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
  }

  @Test func aSecretIsForItsOwnerAloneAndIsNeverOverwritten() throws {
    #expect(try mode("coordinator.secret") == 0o600)
    let before = FileManager.default.contents(atPath: keys.door.path + "/coordinator.secret")
    let error = #expect(throws: KeyError.self) { try keys.door.make("coordinator") }
    #expect(error == .exists(keys.door.path + "/coordinator.secret"))
    #expect(FileManager.default.contents(atPath: keys.door.path + "/coordinator.secret") == before)
    #expect(throws: KeyError.self) { try keys.door.make("../x") }
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o601])
  func aSecretThatOthersReachIsRefusedWith78(mode: Int) throws {
    let (folder, _) = try keys.client("lab07")
    for (place, file) in [(keys.door, "coordinator.secret"), (folder, "lab07.secret")] {
      chmod(place.path + "/" + file, mode_t(mode))
    }
    for refused in [{ _ = try keys.door.server() }, { _ = try folder.client() }] as [() throws -> Void] {
      let error = #expect(throws: KeyError.self) { try refused() }
      #expect(error?.exitStatus == 78)
      #expect(error?.description.contains("chmod 600") == true)
    }
  }

  @Test func aListThatOthersCanChangeIsRefusedWith78() throws {
    _ = try keys.guest("lab07")
    chmod(keys.door.authorisedPath, 0o664)
    let error = #expect(throws: KeyError.self) { try keys.door.server() }
    #expect(error?.exitStatus == 78 && error?.description.contains("chmod go-w") == true)
  }

  @Test func aFolderInWhichOthersCanPutAListIsRefusedWith78() throws {
    _ = try keys.guest("lab07")
    for mode in [0o770, 0o702] as [mode_t] {
      chmod(keys.door.path, mode)
      let error = #expect(throws: KeyError.self) { try keys.door.authorised() }
      #expect(error?.exitStatus == 78 && error?.description.contains("chmod go-w \(keys.door.path)") == true)
    }
    chmod(keys.door.path, 0o1777)
    #expect(try keys.door.authorised().entries.count == 1, "in a sticky folder nobody replaces another's file")
  }

  @Test(.enabled(if: geteuid() == 0, "giving a file away needs root"))
  func aListOrAFolderOfAnotherUserIsRefusedWith78() throws {
    _ = try keys.guest("lab07")
    for path in [keys.door.authorisedPath, keys.door.path] {
      #expect(chown(path, 4_711, 4_711) == 0)
      let error = #expect(throws: KeyError.self) { try keys.door.authorised() }
      #expect(error?.exitStatus == 78 && error?.description.hasPrefix("\(path): belongs to another user") == true)
      #expect(chown(path, 0, 0) == 0)
    }
    #expect(try keys.door.authorised().entries.count == 1)
  }

  @Test func onlyAFolderWithoutAListLetsNobodyIn() throws {
    #expect(try keys.door.authorised() == .none)
    #expect(symlink(keys.door.authorisedPath, keys.door.authorisedPath) == 0)
    let loop = #expect(throws: KeyError.self) { try keys.door.authorised() }
    #expect(loop?.description.contains("authorised-keys: cannot read: Too many levels") == true)
    let typo = #expect(throws: KeyError.self) { try KeyFolder(keys.root.file("typo")).authorised() }
    #expect(typo?.description.contains("typo: not there; give the coordinator's folder") == true)
    #expect(typo?.exitStatus == 2)
  }

  @Test func noDescriptionShowsASecret() throws {
    let client = try keys.guest("lab07")
    let server = try keys.door.server()
    let secrets = [
      try String(contentsOfFile: keys.root.file("lab07/lab07.secret"), encoding: .utf8),
      try String(contentsOfFile: keys.door.path + "/coordinator.secret", encoding: .utf8),
    ].map { $0.trimmingCharacters(in: .newlines) }
    var texts = ["\(client)", "\(server)", "\([client])", "\(Optional(server) as Any)", String(reflecting: client)]
    for value in [client, server] as [Any] {
      var text = ""
      dump(value, to: &text)
      texts.append(text)
    }
    for text in texts { for secret in secrets { #expect(!text.contains(secret), "\(text.count) signs") } }
    #expect(texts[0].contains("lab07"))
  }

  @Test func damagedFilesAreNamed() throws {
    let (folder, _) = try keys.client("lab07")
    try Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: folder.publicPath("coordinator")))
    let malformed = #expect(throws: KeyError.self) { try folder.client() }
    #expect(malformed == .malformed(folder.publicPath("coordinator")))
    try FileManager.default.removeItem(atPath: folder.publicPath("coordinator"))
    let missing = #expect(throws: KeyError.self) { try folder.client() }
    #expect(missing?.description.contains("copy it from the coordinator's folder") == true)
    try FileManager.default.removeItem(atPath: keys.door.publicPath("coordinator"))
    try FileManager.default.copyItem(atPath: folder.publicPath("lab07"), toPath: keys.door.publicPath("coordinator"))
    let mismatched = #expect(throws: KeyError.self) { try keys.door.server() }
    #expect(mismatched?.description.contains("not the public half") == true)
    let nothing = #expect(throws: KeyError.self) { try KeyFolder(keys.root.file("nowhere")).server() }
    #expect(nothing?.description.contains("microfold keys new") == true && nothing?.exitStatus == 2)
  }

  @Test func oneOfSeveralKeysIsChosenByItsFile() throws {
    let (folder, _) = try keys.client("ann")
    _ = try folder.make("bob")
    let error = #expect(throws: KeyError.self) { try folder.client() }
    #expect(error == .several(folder.path, names: ["ann", "bob"]))
    #expect(try KeyFolder(folder.path + "/bob.secret").client().name == "bob")
  }

  @Test func editsLeaveOtherLinesAsTheyAre() throws {
    _ = try keys.guest("lab07")
    let text = try String(contentsOfFile: keys.door.authorisedPath, encoding: .utf8)
    try "\(text)# by hand\n\n".write(toFile: keys.door.authorisedPath, atomically: true, encoding: .utf8)
    let (folder, key) = try keys.client("lab08")
    #expect(try !keys.door.authorise(KeyEntry(name: "lab08", role: .worker, key: key)))
    #expect(try keys.door.authorise(KeyEntry(name: "lab08", role: .viewer, key: key)))
    try keys.door.revoke("lab07")
    let lines = try String(contentsOfFile: keys.door.authorisedPath, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3 && lines[1] == "# by hand" && lines[2] == "lab08 viewer \(key)")
    #expect(throws: KeyError.self) { try keys.door.revoke("lab07") }
    #expect(throws: KeyError.self) {
      try keys.door.authorise(KeyEntry(name: "lab09", role: .worker, key: key))
    }
    let other = try KeyFolder.publicKey(keys.client("other").folder.publicPath("other"))
    #expect(throws: KeyError.self) { try keys.door.authorise(KeyEntry(name: "lab08", role: .worker, key: other)) }
    #expect(throws: KeyError.self) { try folder.authorise(KeyEntry(name: "x", role: .worker, key: other)) }
  }

  @Test func linesWithEndsOfWindowsOrStrangeBytesStayAndHideNoEntry() throws {
    let key = try keys.guest("lab07").publicKey
    let (_, next) = try keys.client("lab08")
    let comments = Array("# by Ann\r\n# caf\u{e9}\r\n".utf8) + Array("# ".utf8) + [0xff, 0xfe, 10]
    func write(_ entries: String) throws {
      try Data(comments + Array(entries.utf8)).write(to: URL(fileURLWithPath: keys.door.authorisedPath))
      chmod(keys.door.authorisedPath, 0o600)
    }
    func bytes() -> [UInt8] { Array(FileManager.default.contents(atPath: keys.door.authorisedPath) ?? Data()) }
    try write("lab07 worker \(key)\n# end\r\nlab08 worker \(next)\n")
    try keys.door.revoke("lab08")
    #expect(bytes() == comments + Array("lab07 worker \(key)\n# end\r\n".utf8))
    try write("lab07 worker \(key)")
    #expect(try keys.door.authorise(KeyEntry(name: "lab07", role: .viewer, key: key)))
    #expect(bytes() == comments + Array("lab07 viewer \(key)\n".utf8))
    try keys.door.revoke("lab07")
    #expect(bytes() == comments)
    #expect(try keys.door.authorised() == .none)
  }
}
