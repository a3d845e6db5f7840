import Cluster
import Testing

@Suite struct EndpointTests {
  @Test(arguments: [
    "tcp://127.0.0.1:7719", "tcp://127.9.0.1:1", "tcp://localhost:7719", "tcp://[::1]:7719", "ipc:///tmp/x/c.sock",
  ])
  func placesOnThisMachineAreTaken(text: String) throws {
    let endpoint = try Endpoint(text)
    #expect(endpoint.text == text.replacing("localhost", with: "127.0.0.1"))
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

  @Test func aPathThatIsTooLongForASocketIsRefused() {
    let text = "ipc:///" + String(repeating: "x", count: 107)
    #expect(throws: EndpointError.tooLong(text)) { try Endpoint(text) }
  }
}
