// Bodies from bytes. Every count has a bound, every code a meaning, every number a range; anything else is an error.

import Canonical

extension Message {
  /// Reads the body of a message of a type.
  init(_ type: MessageType, from reader: inout ByteReader, bulk: [UInt8]) throws(ByteError) {
    switch type {
    case .hello: self = .hello(try reader.hello())
    case .welcome: self = .welcome(try reader.welcome())
    case .refuse:
      let code: RefusalCode = try reader.code()
      let lines = try reader.list(limit: Limits.lines) { reader throws(ByteError) in
        try reader.text(limit: Limits.reasonBytes)
      }
      self = .refuse(Refusal(code: code, lines: lines))
    case .rehello: self = .rehello
    case .grant: self = .grant(try reader.grant())
    case .beat: self = .beat(try reader.beat())
    case .result: self = .result(try reader.result())
    case .acknowledge:
      self = .acknowledge(
        Acknowledgement(token: try reader.token(), stage: try reader.digest(), verdict: try reader.code()))
    case .failure:
      self = .failure(
        Failure(
          token: try reader.token(), stage: try reader.digest(), kind: try reader.code(),
          text: try reader.text(limit: Limits.failureBytes)))
    case .artifactRequest:
      self = .artifactRequest(digest: try reader.digest(), offset: try reader.offset(below: Limits.artifactBytes))
    case .artifactChunk: self = .artifactChunk(try reader.chunk(bulk))
    case .artifactMissing: self = .artifactMissing(try reader.digest())
    case .cancel: self = .cancel(token: try reader.token())
    case .drain: self = .drain(try reader.code(), reason: try reader.text(limit: Limits.reasonBytes))
    case .goodbye: self = .goodbye(reason: try reader.text(limit: Limits.reasonBytes))
    case .control: self = .control(try reader.blob(limit: Limits.controlBytes))
    case .controlReply: self = .controlReply(try reader.blob(limit: Limits.controlReplyBytes))
    case .epochCheckpoint:
      self = .epochCheckpoint(
        EpochCheckpoint(
          token: try reader.token(), stage: try reader.digest(), epoch: try reader.count32(),
          artifact: try reader.artifact()))
    }
  }
}

// MARK: - Fields

extension ByteReader {
  fileprivate func error(_ what: String) -> ByteError { ByteError(offset: offset, what: what) }

  fileprivate mutating func list<Element>(
    limit: Int, _ read: (inout ByteReader) throws(ByteError) -> Element
  ) throws(ByteError) -> [Element] {
    let count = Int(try integer(UInt16.self))
    guard count <= limit else { throw error("\(count) entries where \(limit) are allowed") }
    var elements: [Element] = []
    for _ in 0..<count { elements.append(try read(&self)) }
    return elements
  }

  fileprivate mutating func code<Code: RawRepresentable<UInt8>>() throws(ByteError) -> Code {
    let number = try integer(UInt8.self)
    guard let code = Code(rawValue: number) else { throw error("the unknown code \(number)") }
    return code
  }

  fileprivate mutating func flag() throws(ByteError) -> Bool {
    let number = try integer(UInt8.self)
    guard number <= 1 else { throw error("\(number) where 0 or 1 is allowed") }
    return number == 1
  }

  fileprivate mutating func token() throws(ByteError) -> UInt64 { try integer(UInt64.self) }

  fileprivate mutating func count16(_ range: ClosedRange<Int>) throws(ByteError) -> Int {
    let count = Int(try integer(UInt16.self))
    guard range.contains(count) else { throw error("\(count), which is not in \(range)") }
    return count
  }

  fileprivate mutating func count32() throws(ByteError) -> Int { Int(try integer(UInt32.self)) }

  fileprivate mutating func offset(below limit: Int) throws(ByteError) -> Int {
    let number = try integer(UInt64.self)
    guard number < UInt64(limit) else { throw error("the offset \(number), which is not below \(limit)") }
    guard number % UInt64(Limits.chunkBytes) == 0 else { throw error("the offset \(number) between two pieces") }
    return Int(number)
  }

  fileprivate mutating func artifact() throws(ByteError) -> ArtifactName {
    let digest = try digest()
    let size = try integer(UInt64.self)
    guard (1...UInt64(Limits.artifactBytes)).contains(size) else { throw error("an artifact of \(size) bytes") }
    return ArtifactName(digest: digest, size: Int(size))
  }

  fileprivate mutating func chunk(_ bulk: [UInt8]) throws(ByteError) -> ArtifactChunk {
    let artifact = try artifact()
    let offset = try offset(below: artifact.size)
    guard bulk.count == min(Limits.chunkBytes, artifact.size - offset) else {
      throw error("a piece of \(bulk.count) bytes at \(offset) of \(artifact.size)")
    }
    return ArtifactChunk(artifact: artifact, offset: offset, bytes: bulk)
  }
}

// MARK: - Payloads

extension ByteReader {
  fileprivate mutating func hello() throws(ByteError) -> Hello {
    Hello(
      buildVersion: try text(limit: Limits.nameBytes), numericClass: try text(limit: Limits.nameBytes),
      probe: try digest(),
      sets: try list(limit: Limits.sets) { reader throws(ByteError) in
        SetName(name: try reader.text(limit: Limits.nameBytes), digest: try reader.digest())
      },
      host: try text(limit: Limits.nameBytes), process: try integer(UInt32.self),
      instance: try integer(UInt64.self), slots: try count16(1...Limits.slots),
      held: try list(limit: Limits.held) { reader throws(ByteError) in
        HeldLease(stage: try reader.digest(), token: try reader.token(), isFinished: try reader.flag())
      })
  }

  fileprivate mutating func welcome() throws(ByteError) -> Welcome {
    let greeting = try integer(UInt64.self)
    let beat_ms = try count32()
    let lease_ms = try count32()
    guard beat_ms > 0, lease_ms >= beat_ms else { throw error("a lease shorter than a beat") }
    let credit = try count16(1...Limits.held)
    return Welcome(greeting: greeting, beat_ms: beat_ms, lease_ms: lease_ms, credit: credit)
  }

  fileprivate mutating func grant() throws(ByteError) -> Grant {
    Grant(
      stage: try digest(), index: try count32(), token: try token(), attempt: try count32(),
      description: try blob(limit: Limits.descriptionBytes),
      parents: try list(limit: Limits.parents) { reader throws(ByteError) in
        ParentArtifact(stage: try reader.digest(), artifact: try reader.artifact())
      },
      checkpoint: try flag() ? try artifact() : nil)
  }

  fileprivate mutating func beat() throws(ByteError) -> Beat {
    let leases = try list(limit: Limits.held) { reader throws(ByteError) in
      LeaseProgress(
        token: try reader.token(), epoch: try reader.count32(), epochs: try reader.count32(),
        loss: Float(bitPattern: try reader.integer(UInt32.self)), isFinished: try reader.flag())
    }
    return Beat(leases: leases, freeSlots: try count16(0...Limits.slots))
  }

  fileprivate mutating func result() throws(ByteError) -> StageResult {
    let token = try token()
    let stage = try digest()
    let result = try blob(limit: Limits.resultBytes)
    let artifact = try flag() ? try artifact() : nil
    let seconds = Double(bitPattern: try integer(UInt64.self))
    guard seconds.isFinite, seconds >= 0 else { throw error("a time that is not a time") }
    return StageResult(token: token, stage: stage, result: result, artifact: artifact, seconds: seconds)
  }
}
