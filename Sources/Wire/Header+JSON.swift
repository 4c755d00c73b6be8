import ArrowIPC
import Diagnostics
package import JSONText

/// The keys of a stream's metadata.
enum MetadataKey {
  static let protocolVersion = "stream.protocol"
  static let query = "stream.query"
  static let plan = "stream.plan"
  static let resume = "stream.resume"
  static let shape = "stream.shape"
  static let failure = "stream.failure"
  static let epoch = "stream.epoch"
  static let change = "stream.change"
  static let marker = "stream.marker"
}

extension Header {
  /// The version of the protocol that is written; every `1.…` is read.
  static let version = "1"

  /// What the schema carries.
  var metadata: [KeyValue] {
    [
      KeyValue(MetadataKey.protocolVersion, Header.version),
      KeyValue(MetadataKey.query, query.json.text),
      KeyValue(MetadataKey.plan, JSON.array(plan.map(\.json)).text),
      KeyValue(MetadataKey.resume, (resume ?? .null).text),
      KeyValue(MetadataKey.shape, shape.json.text),
    ]
  }

  /// - Returns: nil when the metadata are not ours.
  init?(_ metadata: [KeyValue]) throws {
    func text(_ key: String) -> String? { metadata.last { $0.key == key }?.value }
    guard let version = text(MetadataKey.protocolVersion) else { return nil }
    guard version.split(separator: ".", maxSplits: 1).first.map(String.init) == Header.version
    else {
      throw StreamError(
        .usage,
        "expected version \(Header.version) of the stream's protocol but found '\(version)'",
        hint: "run the same version of stream-tools in all stages")
    }
    func value(_ key: String) throws -> Members {
      Members(try JSON(metadata: text(key) ?? "null", of: key), of: key)
    }
    query = try QueryIdentity(value(MetadataKey.query))
    plan = try value(MetadataKey.plan).elements().map { try PlanStage($0) }
    let record = try value(MetadataKey.resume).json
    resume = record.isNull ? JSON?.none : record
    shape = try Shape(value(MetadataKey.shape))
  }
}

extension QueryIdentity {
  var json: JSON {
    let runs = runs.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
    return [
      "id": JSON(id), "name": JSON(name), "runs": .object(runs), "checkpoint": JSON(checkpoint),
    ]
  }

  init(_ members: Members) throws {
    var runs: [String: String] = [:]
    for (source, run) in try members.members("runs") { runs[source] = try run.string() }
    self.init(
      id: try members.string("id"), name: try members.string("name"), runs: runs,
      checkpoint: try members.string("checkpoint"))
  }
}

extension PlanStage {
  /// As it travels, and as the checkpoint keeps it.
  package var json: JSON {
    var json: JSON = ["stage": .string(stage), "tool": .string(tool), "options": options]
    if !otherInput.isEmpty { json["other"] = .array(otherInput.map(\.json)) }
    if isPinned { json["pinned"] = .bool(true) }
    return json
  }

  /// - Throws: `StreamError` of kind `.data` when it is none.
  package init(_ json: JSON) throws { try self.init(Members(json, of: MetadataKey.plan)) }

  init(_ members: Members) throws {
    self.init(
      stage: try members.requiredString("stage"), tool: try members.requiredString("tool"),
      options: members["options"] ?? .object([]),
      otherInput: try members.child("other").elements().map { try PlanStage($0) },
      isPinned: try members.bool("pinned"))
  }
}

extension Shape {
  var json: JSON {
    var json: JSON = [:]
    if let eventTime { json["eventTime"] = .string(eventTime) }
    if let watermark { json["watermark"] = .integer(watermark) }
    if let window { json["window"] = window }
    if let late { json["late"] = .string(late) }
    if let mode { json["mode"] = .string(mode.rawValue) }
    if !keys.isEmpty { json["keys"] = .array(keys.map { .string($0) }) }
    json["bounded"] = .bool(isBounded)
    if endsByItself { json["ends"] = true }
    return json
  }

  init(_ members: Members) throws {
    var mode: OutputMode?
    if let name = try members.string("mode") {
      guard let known = OutputMode(rawValue: name) else {
        throw members.damaged("an unknown mode '\(name)'")
      }
      mode = known
    }
    self.init(
      eventTime: try members.string("eventTime"), watermark: try members.integer("watermark"),
      window: members["window"], late: try members.string("late"), mode: mode,
      keys: try members.child("keys").elements().map { try $0.string() },
      isBounded: try members.bool("bounded"), endsByItself: try members.bool("ends"))
  }
}
