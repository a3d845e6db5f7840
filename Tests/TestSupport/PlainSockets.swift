// Plain sockets of the loopback, for tests of what strangers do to a port.

import Glibc

/// The system has no socket for a test.
struct SocketError: Error {}

/// A socket that listens on the loopback, to be closed by the caller, and its port.
public func listening() throws -> (descriptor: Int32, port: UInt16) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = loopback(0)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let code = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, size) + listen(descriptor, 5) + getsockname(descriptor, $0, &size)
    }
  }
  guard code == 0 else { throw SocketError() }
  return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// A port of the loopback that nobody uses now.
public func freePort() throws -> UInt16 {
  let (descriptor, port) = try listening()
  close(descriptor)
  return port
}

/// An address of this machine alone.
public func loopback(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return address
}
