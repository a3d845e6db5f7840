// The wire grammar, version 2. W is a worker, C the coordinator, K a control client (`status`, `retry`).
//
//   session  = W:hello ( C:refuse | C:welcome *exchange ( [ C:drain ] W:goodbye | C:refuse ) )
//   exchange = C:grant | W:beat C:beat | W:result C:acknowledge | W:failure C:acknowledge | C:cancel
//            | W:artifact-request ( *C:artifact-chunk | C:artifact-missing )       parents of a granted stage
//            | C:artifact-request ( *W:artifact-chunk | W:artifact-missing )       the artifact of a result
//            | W:epoch-checkpoint                                                  an offer; fetched or not
//            | C:rehello W:hello                                                   the session or epoch is unknown
//   control  = K:control C:control-reply
//
// A message is two frames, or three where a piece of an artifact follows (behind ROUTER's routing frame):
//
//   header  32 bytes: magic "MFW1", version u16, type u8, flags u8 (1: a bulk frame follows),
//           epoch u32, session u64, sequence u64, CRC32C u32 over the 28 bytes before it, the body and the bulk
//   body    at most Limits.frameBytes, fields in the order below
//   bulk    at most Limits.chunkBytes
//
// Several messages that wait for one peer travel as a bundle: one frame, for each message the size of its body u32,
// the header, the body. Pieces of artifacts are never in one. A bundle with one bad message is refused whole: what was
// lost with it is sent again, as after any loss.
//
// All numbers are little-endian. text and bytes have a u32 count before them, lists a u16 count; each has its bound in
// `Limits`. digest is 32 bytes. artifact is digest, size u64. An optional field has u8 0 or 1 before it.
//
//    1 hello             build text, class text, probe digest, sets [name text, digest], host text, process u32,
//                        instance u64, slots u16, held [stage digest, token u64, finished u8]
//    2 welcome           greeting u64, beat_ms u32, lease_ms u32, credit u16
//    3 refuse            code u8, lines [text]
//    4 rehello           –
//    5 grant             stage digest, index u32, token u64, attempt u32, description bytes,
//                        parents [digest, artifact], checkpoint artifact?
//    6 beat              leases [token u64, epoch u32, epochs u32, loss f32, finished u8], free slots u16
//    7 result            token u64, stage digest, result bytes, artifact?, seconds f64
//    8 acknowledge       token u64, stage digest, verdict u8
//    9 failure           token u64, stage digest, class u8, text
//   10 artifact-request  digest, offset u64
//   11 artifact-chunk    artifact, offset u64; the piece is the bulk frame
//   12 artifact-missing  digest
//   13 cancel            token u64
//   14 drain             mode u8, reason text
//   15 goodbye           reason text
//   16 control           bytes: a JSON object
//   17 control-reply     bytes: a JSON object
//   18 epoch-checkpoint  token u64, stage digest, epoch u32, artifact
//
// A new message: a case in `Message`, a number here and in `MessageType`, a line in `Body+Write` and `Body+Read`,
// an example in `MessagesTests/Examples.swift` (the tests count the cases), and an answer in both machines.

/// Constants of the protocol.
public enum Wire {
  /// Raised when the bytes of any message change.
  public static let version: UInt16 = 2
  /// Bytes of the header frame.
  public static let headerBytes = 32
  /// The first four bytes.
  static let magic = Array("MFW1".utf8)
  /// The same as a number.
  static let magicNumber: UInt32 = 0x3157_464D
  /// The flag that says that a bulk frame follows.
  static let bulkFlag: UInt8 = 1
}

/// The numbers of the messages.
enum MessageType: UInt8, CaseIterable {
  case hello = 1, welcome, refuse, rehello, grant, beat, result, acknowledge, failure
  case artifactRequest, artifactChunk, artifactMissing, cancel, drain, goodbye, control, controlReply
  case epochCheckpoint
}

extension Message {
  /// The number of this message.
  var type: MessageType {
    switch self {
    case .hello: .hello
    case .welcome: .welcome
    case .refuse: .refuse
    case .rehello: .rehello
    case .grant: .grant
    case .beat: .beat
    case .result: .result
    case .acknowledge: .acknowledge
    case .failure: .failure
    case .artifactRequest: .artifactRequest
    case .artifactChunk: .artifactChunk
    case .artifactMissing: .artifactMissing
    case .cancel: .cancel
    case .drain: .drain
    case .goodbye: .goodbye
    case .control: .control
    case .controlReply: .controlReply
    case .epochCheckpoint: .epochCheckpoint
    }
  }
}
