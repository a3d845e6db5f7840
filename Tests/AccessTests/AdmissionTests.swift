// Who comes in, and what they may do then.

import Access
import Testing

@Suite struct AdmissionTests {
  private func keys() throws -> AuthorisedKeys {
    AuthorisedKeys([
      KeyEntry(name: "lab07", role: .worker, key: try key(1), network: Network("10.1.0.0/16")),
      KeyEntry(name: "guest", role: .worker, key: try key(2), until: Moment("2027-01-31")),
      KeyEntry(name: "ann", role: .viewer, key: try key(3)),
      KeyEntry(
        name: "bob", role: .admin, key: try key(4), network: Network("fd00::/8"),
        until: Moment("2027-01-31T12:00:00Z")),
    ])
  }

  /// 31 January 2027, 00:00 UTC: `date -ud 2027-01-31 +%s`.
  private static let day_s = 1_801_353_600

  @Test func aKeyThatStandsNowhereIsRefusedWithTheCommandThatLetsItIn() throws {
    guard case .failure(let refusal) = try keys().admit(try key(9), from: "10.1.0.1", now_s: 0) else {
      Issue.record("it came in")
      return
    }
    #expect(refusal == .unknown(try key(9), address: "10.1.0.1"))
    #expect(refusal.description.contains("microfold keys authorise --keys DIR NAME '\(try key(9))'"))
  }

  @Test(arguments: [
    ("10.1.0.1", true), ("10.1.255.255", true), ("::ffff:10.1.2.3", true), ("10.2.0.1", false), ("11.1.0.1", false),
    ("::1", false), ("", false), ("localhost:0:0:1", false), ("10.1", false),
  ])
  func aKeyComesInOnlyFromItsNetwork(address: String, isIn: Bool) throws {
    let verdict = try keys().admit(try key(1), from: address, now_s: 0)
    if isIn {
      #expect(verdict == .success(Caller(key: try key(1), name: "lab07", role: .worker, address: address)))
    } else {
      let network = try #require(Network("10.1.0.0/16"))
      #expect(verdict == .failure(.elsewhere("lab07", network, address: address)))
    }
  }

  @Test func aKeyHoldsToTheEndOfItsDayOrToItsSecond() throws {
    func isIn(_ number: UInt8, _ time_s: Int) throws -> Bool {
      if case .success = try keys().admit(try key(number), from: "fd12::7%eth0", now_s: time_s) { true } else { false }
    }
    #expect(try isIn(2, Self.day_s + 86_399))
    #expect(try !isIn(2, Self.day_s + 86_400))
    #expect(try isIn(4, Self.day_s + 43_199))
    #expect(try !isIn(4, Self.day_s + 43_200))
    #expect(Moment("1970-01-01")?.end_s == 86_400)
    #expect(Moment("2024-02-29T00:00:00Z")?.end_s == 1_709_164_800)
    #expect(Moment("2100-02-29") == nil)
    let refusal = try keys().admit(try key(2), from: "", now_s: .max)
    #expect(refusal == .failure(.expired("guest", try #require(Moment("2027-01-31")))))
  }

  @Test func eachRoleMayDoItsOwnAndNoMore() throws {
    func may(_ role: Role) throws -> [Bool] {
      let caller = Caller(key: try key(1), name: "x", role: role, address: "")
      return [Right.work, .ask, .order].map { caller.refusal(of: $0) == nil }
    }
    #expect(try may(.worker) == [true, false, false])
    #expect(try may(.viewer) == [false, true, false])
    #expect(try may(.admin) == [false, true, true])
    #expect([Right.work, .ask, .order].allSatisfy { Caller.local.refusal(of: $0) == nil })
    let line = Caller(key: try key(1), name: "ann", role: .viewer, address: "").refusal(of: .order)
    #expect(line?.contains("role viewer") == true && line?.contains("role admin") == true)
  }
}
