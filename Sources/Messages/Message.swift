// One case per message of the grammar.

import Canonical

/// A message. `Grammar.swift` says who sends it, when, and what its bytes are.
public enum Message: Equatable, Sendable {
  case hello(Hello)
  case welcome(Welcome)
  case refuse(Refusal)
  case rehello
  case grant(Grant)
  case beat(Beat)
  case result(StageResult)
  case acknowledge(Acknowledgement)
  case failure(Failure)
  case artifactRequest(digest: Digest, offset: Int)
  case artifactChunk(ArtifactChunk)
  case artifactMissing(Digest)
  case cancel(token: UInt64)
  case drain(DrainMode, reason: String)
  case goodbye(reason: String)
  case control([UInt8])
  case controlReply([UInt8])
  case epochCheckpoint(EpochCheckpoint)
}

/// A message and what its header says about where it belongs.
public struct Envelope: Equatable, Sendable {
  /// Which start of the coordinator the sender knows; 0 where it knows none.
  public let epoch: UInt32
  /// The session; 0 where there is none.
  public let session: UInt64
  /// The sender's count of messages.
  public let sequence: UInt64
  /// What is said.
  public let message: Message

  /// A message with its header.
  public init(epoch: UInt32, session: UInt64, sequence: UInt64, message: Message) {
    self.epoch = epoch
    self.session = session
    self.sequence = sequence
    self.message = message
  }
}

/// Why frames are not a message.
public enum MessageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A count of frames that no message has.
  case frameCount(Int)
  /// A frame above its bound.
  case frameSize(Int)
  /// Not the header of this protocol.
  case foreign
  /// Another version of this protocol.
  case version(UInt16)
  /// The checksum does not fit the bytes.
  case damaged
  /// A type that this version does not know.
  case unknownType(UInt8)
  /// A body that does not follow the grammar.
  case malformed(ByteError)
  /// A message that this sender may not send.
  case misplaced

  /// What is wrong, in one line.
  public var description: String {
    switch self {
    case .frameCount(let count): "\(count) frames where a message has 2 or 3"
    case .frameSize(let size): "a frame of \(size) bytes, which is above its limit"
    case .foreign: "bytes of another protocol"
    case .version(let found): "protocol version \(found), where this program speaks \(Wire.version)"
    case .damaged: "a checksum that does not fit"
    case .unknownType(let type): "message type \(type), which this version does not know"
    case .malformed(let error): "a malformed message: \(error)"
    case .misplaced: "a message that its sender may not send"
    }
  }
}
