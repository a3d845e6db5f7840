// The self-test of the door: silence proves nothing.

import Cluster
import Glibc
import TestSupport
import Testing

@Suite struct SelfTestTests {
  @Test func aDoorThatNobodyAnswersIsNoClosedDoor() throws {
    let keys = try Keys()
    let gate = try AccessGate(folder: keys.door)
    let server = try KeyFolder.publicKey(keys.door.publicPath(KeyFolder.coordinatorName))
    // It listens, and the kernel takes the connection, but nobody ever says a word.
    let (silent, port) = try listening()
    defer { close(silent) }
    let endpoint = try Endpoint("tcp://127.0.0.1:\(port)")
    let error = #expect(throws: SelfTestError.self) {
      try SelfTest.run(gate: gate, server: server, endpoint: endpoint, patience_ms: 300)
    }
    #expect(error == .unanswered)
    #expect(error?.exitStatus == 78)
    #expect(error?.description.contains("was not refused within 5 s") == true)
  }
}
