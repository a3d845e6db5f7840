// The options that close a socket: CURVE (RFC 26 of ZeroMQ), and no connection without an answer of ours.

import Access
import CZeroMQ

extension Socket {
  /// ZMQ_ZAP_ENFORCE_DOMAIN: not in Debian's header, and honoured by its library. Without it, any key is let in while
  /// nobody answers for the domain.
  private static let enforceDomain: Int32 = 93

  /// Lets in whoever can open the socket that is bound next, and only while we answer for the domain.
  func serveLocally(domain: String) {
    set(ZMQ_ZAP_DOMAIN, Authenticator.local(domain))
    set(Self.enforceDomain, 1)
  }

  /// Encrypts, and lets in whom the gate of a domain lets in. To be called before the socket is bound:
  /// libzmq keeps with every bound address the options of that moment.
  func serve(_ pair: KeyPair, domain: String) {
    set(ZMQ_CURVE_SERVER, 1)
    set(ZMQ_CURVE_SECRETKEY, pair.secret)
    set(ZMQ_ZAP_DOMAIN, domain)
    set(Self.enforceDomain, 1)
  }

  /// Encrypts, proves a key, and takes only a server that has this one.
  func prove(_ pair: KeyPair, to server: PublicKey) {
    set(ZMQ_CURVE_SERVERKEY, server.text)
    set(ZMQ_CURVE_PUBLICKEY, pair.publicKey.text)
    set(ZMQ_CURVE_SECRETKEY, pair.secret)
  }
}
