// Bodies to bytes, field by field as Grammar.swift lists them.

import Canonical

extension Message {
  /// Appends the body of this message.
  func writeBody(to writer: inout ByteWriter) {
    switch self {
    case .hello(let hello): writer.hello(hello)
    case .welcome(let welcome): writer.welcome(welcome)
    case .refuse(let refusal):
      writer.integer(refusal.code.rawValue)
      writer.list(refusal.lines) { $0.text($1) }
    case .rehello: break
    case .grant(let grant): writer.grant(grant)
    case .beat(let beat): writer.beat(beat)
    case .result(let result): writer.result(result)
    case .acknowledge(let answer):
      writer.lease(answer.token, answer.stage)
      writer.integer(answer.verdict.rawValue)
    case .failure(let failure):
      writer.lease(failure.token, failure.stage)
      writer.integer(failure.kind.rawValue)
      writer.text(failure.text)
    case .artifactRequest(let digest, let offset):
      writer.digest(digest)
      writer.integer(UInt64(offset))
    case .artifactChunk(let chunk):
      writer.artifact(chunk.artifact)
      writer.integer(UInt64(chunk.offset))
    case .artifactMissing(let digest): writer.digest(digest)
    case .cancel(let token): writer.integer(token)
    case .drain(let mode, let reason):
      writer.integer(mode.rawValue)
      writer.text(reason)
    case .goodbye(let reason): writer.text(reason)
    case .control(let bytes), .controlReply(let bytes): writer.blob(bytes)
    case .epochCheckpoint(let offer):
      writer.lease(offer.token, offer.stage)
      writer.integer(UInt32(offer.epoch))
      writer.artifact(offer.artifact)
    }
  }
}

extension ByteWriter {
  fileprivate mutating func list<Element>(_ elements: [Element], _ write: (inout ByteWriter, Element) -> Void) {
    integer(UInt16(elements.count))
    for element in elements { write(&self, element) }
  }

  fileprivate mutating func lease(_ token: UInt64, _ stage: Digest) {
    integer(token)
    digest(stage)
  }

  fileprivate mutating func artifact(_ name: ArtifactName) {
    digest(name.digest)
    integer(UInt64(name.size))
  }

  fileprivate mutating func hello(_ hello: Hello) {
    text(hello.buildVersion)
    text(hello.numericClass)
    digest(hello.probe)
    list(hello.sets) {
      $0.text($1.name)
      $0.digest($1.digest)
    }
    text(hello.host)
    integer(hello.process)
    integer(hello.instance)
    integer(UInt16(hello.slots))
    list(hello.held) {
      $0.digest($1.stage)
      $0.integer($1.token)
      $0.integer(UInt8($1.isFinished ? 1 : 0))
    }
  }

  fileprivate mutating func welcome(_ welcome: Welcome) {
    integer(welcome.greeting)
    integer(UInt32(welcome.beat_ms))
    integer(UInt32(welcome.lease_ms))
    integer(UInt16(welcome.credit))
  }

  fileprivate mutating func grant(_ grant: Grant) {
    digest(grant.stage)
    integer(UInt32(grant.index))
    integer(grant.token)
    integer(UInt32(grant.attempt))
    blob(grant.description)
    list(grant.parents) {
      $0.digest($1.stage)
      $0.artifact($1.artifact)
    }
    optional(grant.checkpoint)
  }

  private mutating func optional(_ name: ArtifactName?) {
    integer(UInt8(name == nil ? 0 : 1))
    if let name { artifact(name) }
  }

  fileprivate mutating func beat(_ beat: Beat) {
    list(beat.leases) {
      $0.integer($1.token)
      $0.integer(UInt32($1.epoch))
      $0.integer(UInt32($1.epochs))
      $0.integer($1.loss.bitPattern)
      $0.integer(UInt8($1.isFinished ? 1 : 0))
    }
    integer(UInt16(beat.freeSlots))
  }

  fileprivate mutating func result(_ result: StageResult) {
    lease(result.token, result.stage)
    blob(result.result)
    optional(result.artifact)
    integer(result.seconds.bitPattern)
  }
}
