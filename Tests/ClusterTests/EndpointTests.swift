import Cluster
import Glibc
import TestSupport
import Testing

@Suite struct EndpointTests {
  @Test(arguments: [
    "tcp://127.0.0.1:7719", "tcp://127.9.0.1:1", "tcp://localhost:7719", "tcp://[::1]:7719", "ipc:///tmp/x/c.sock",
  ])
  func placesOnThisMachineAreTaken(text: String) throws {
    let endpoint = try Endpoint(text)
    #expect(endpoint.text == text.replacing("localhost", with: "127.0.0.1"))
  }

  @Test(arguments: [
    "tcp://0.0.0.0:7719", "tcp://*:7719", "tcp://192.168.1.4:7719", "tcp://lab-07.example:7719", "tcp://[::]:1",
    "tcp://[fe80::1%eth0]:1",
  ])
  func withKeysOtherMachinesMayReachIt(text: String) throws {
    let endpoint = try Endpoint(text, hasKeys: true)
    #expect(endpoint.text == text && !endpoint.isLocal)
    #expect(try Endpoint("tcp://*:7719", hasKeys: true).here.text == "tcp://127.0.0.1:7719")
    #expect(try Endpoint("tcp://[::]:7719", hasKeys: true).here.text == "tcp://[::1]:7719")
  }

  @Test(arguments: ["tcp://a b:1", "tcp://x;y:1", "tcp://eth0;10.0.0.1:1", "tcp://[]:1", "tcp://:1", "tcp://**:1"])
  func withKeysWhatIsNoHostIsStillRefused(text: String) {
    #expect(throws: EndpointError.malformed(text)) { try Endpoint(text, hasKeys: true) }
  }

  @Test(arguments: ["tcp://0.0.0.0:7719", "tcp://*:7719", "tcp://192.168.1.4:7719", "tcp://lab07:7719", "tcp://[::]:1"])
  func placesThatOthersReachAreRefusedUntilThereAreKeys(text: String) {
    let error = #expect(throws: EndpointError.notLoopback(text)) { try Endpoint(text) }
    #expect(error?.exitStatus == 2)
    #expect(error?.description.contains("keys") == true)
  }

  @Test(arguments: [
    "", "7719", "udp://127.0.0.1:1", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://127.0.0.1:70000", "tcp://:5",
    "tcp://127.0.0.1:*", "ipc://", "ipc://@abstract",
  ])
  func whatIsNoEndpointIsRefused(text: String) {
    #expect(throws: EndpointError.malformed(text)) { try Endpoint(text) }
  }

  @Test func whereNoCoordinatorCouldListenIsFoundBefore() throws {
    try Endpoint("tcp://127.0.0.1:\(try freePort())").tryToListen()
    let (taken, port) = try listening()
    defer { close(taken) }
    let inUse = try Endpoint("tcp://127.0.0.1:\(port)")
    #expect(throws: EndpointError.inUse(inUse.text)) { try inUse.tryToListen() }
    try Endpoint("tcp://127.0.0.2:\(port)").tryToListen()
    // Of the addresses for documentation no machine has one (RFC 5737).
    let foreign = try Endpoint("tcp://192.0.2.1:7719", hasKeys: true)
    let error = #expect(throws: EndpointError.self) { try foreign.tryToListen() }
    #expect(error?.exitStatus == 2 && error?.description.contains("tcp://192.0.2.1:7719") == true)
  }

  @Test func aPathThatIsTooLongForASocketIsRefused() {
    let text = "ipc:///" + String(repeating: "x", count: 107)
    #expect(throws: EndpointError.tooLong(text)) { try Endpoint(text) }
  }
}
