package import JSONText

extension Ledger {
  /// As it travels, and as logs keep it.
  package var json: JSON {
    [
      "epoch": .integer(epoch), "by": .string(by), "time": .integer(time), "final": .bool(isFinal),
      "replace": .bool(replaces), "watermark": watermark.map { .integer($0) } ?? .null,
      "sources": .object(sources.map { JSON.Member($0.id, $0.json) }),
      "stages": .object(stages.map { JSON.Member($0.id, $0.json) }),
    ]
  }

  /// - Throws: `StreamError` of kind `.data` when it is no ledger.
  package init(_ json: JSON) throws {
    let members = Members(json, of: MetadataKey.marker)
    self.init(
      epoch: try members.requiredSafeInteger("epoch"), by: try members.requiredString("by"),
      time: try members.requiredInteger("time"), isFinal: try members.bool("final"),
      replaces: try members.bool("replace"), watermark: try members.integer("watermark"),
      sources: try members.members("sources").map { try SourcePart(id: $0.0, $0.1) },
      stages: try members.members("stages").map { try StagePart(id: $0.0, $0.1) })
  }
}

extension SourcePart {
  /// Longer positions are left out: the source's own log has them.
  private static let endByteCountMax = 4096

  fileprivate var json: JSON {
    var json: JSON = [
      "epoch": .integer(epoch), "rows": .integer(rows), "idle": .integer(idle),
    ]
    if let end, end.text.utf8.count <= SourcePart.endByteCountMax { json["end"] = end }
    if let latest { json["latest"] = latest }
    return json
  }

  fileprivate init(id: String, _ members: Members) throws {
    self.init(
      id: id, epoch: try members.requiredSafeInteger("epoch"),
      rows: try members.integer("rows") ?? 0,
      idle: try members.integer("idle") ?? 0, end: members["end"], latest: members["latest"])
  }
}

extension StagePart {
  fileprivate var json: JSON {
    var json: JSON = [:]
    if let memo { json["memo"] = memo }
    if let version { json["version"] = .integer(version) }
    if !metrics.isEmpty {
      json["metrics"] = .object(metrics.map { JSON.Member($0.name, .integer($0.value)) })
    }
    return json
  }

  fileprivate init(id: String, _ members: Members) throws {
    let metrics = try members.members("metrics").map { name, value in
      guard let number = value.json.int64 else {
        throw value.damaged("expected an integer '\(name)'")
      }
      return Metric(name, number)
    }
    self.init(
      id: id, memo: members["memo"], version: try members.integer("version"), metrics: metrics)
  }
}

extension EpochStamp {
  var json: JSON { ["epoch": .integer(number), "time": .integer(time)] }

  init(_ members: Members) throws {
    self.init(
      number: try members.requiredSafeInteger("epoch"), time: try members.requiredInteger("time"))
  }
}

extension Failure {
  var json: JSON {
    ["stage": .string(stage), "status": .integer(Int64(status)), "message": .string(message)]
  }

  init(_ members: Members) throws {
    let status = try members.requiredInteger("status")
    guard (1...255).contains(status) else { throw members.damaged("a status of \(status)") }
    self.init(
      stage: try members.requiredString("stage"), status: Int32(status),
      message: try members.string("message") ?? "")
  }
}
