package import Columnar
package import Diagnostics
internal import Formats
internal import Glibc

/// Records that come through sockets. Each connection is a stream of its own; the rows of several
/// come in whole records, as they arrive.
package final class SocketInput: MeasuredInput {
  package enum Role: Sendable {
    /// - Parameter reconnects: tries again for ever, when nobody is there and when the peer has
    ///   closed. Else the peer's close is the end of the input.
    case connecting(SocketPlace, reconnects: Bool)
    case listening(SocketPlace)
  }

  /// Of the rows.
  package private(set) var schema = Schema([])
  package private(set) var record = Schema([])
  package let isBounded = false
  package let byteCount: Int64? = nil
  package private(set) var consumedCount: Int64 = 0
  package var malformedCount: Int64 { malformed.count }

  private let plan: InputPlan
  private let stop: StopSignal
  private let notices: Notices
  private let malformed: MalformedRecords
  private let ownsMalformed: Bool
  private var parsers: ParserFactory?
  private var peers: SocketPeers
  /// Whose turn it is.
  private var turn = 0
  private var isStopped = false
  private var unfinishedCount = 0
  private var emptySince: Int64?
  private var hasToldIdle = false

  /// Waits for the first records if they have to say what the columns are.
  ///
  /// - Parameters:
  ///   - connectionCountMax: more at once are refused: each may need the memory of a long record.
  ///   - malformed: what becomes of malformed records, told at the end by who made it; nil for
  ///     what the plan says.
  ///   - inform: told where it listens and who comes.
  /// - Throws: an error that says to try again when nobody is there, unless it reconnects.
  package init(
    _ role: Role, plan: InputPlan, connectionCountMax: Int = 1000, stop: StopSignal,
    notices: Notices, malformed: MalformedRecords? = nil,
    inform: @escaping @Sendable (String) -> Void
  ) throws(StreamError) {
    var plan = plan
    plan.options.wantsRowOffsets = plan.wantsMetadata
    self.plan = plan
    self.stop = stop
    self.notices = notices
    ownsMalformed = malformed == nil
    if let malformed {
      self.malformed = malformed
    } else {
      self.malformed = try MalformedRecords(plan, notices: notices)
    }
    peers = try SocketPeers(
      role, plan: plan, connectionCountMax: connectionCountMax, stop: stop, notices: notices,
      inform: inform)
    try peers.connectAtFirst()
    record = try awaitSchema()
    let parsers = try ParserFactory(plan, record: record, notices: notices)
    self.parsers = parsers
    schema = parsers.output
    if plan.wantsMetadata {
      try MetadataColumns.refuseTakenNames(in: schema)
      schema = Schema(schema.fields + MetadataColumns.fields)
    }
  }

  private func awaitSchema() throws(StreamError) -> Schema {
    if let schema = plan.options.schema { return schema }
    if plan.format == .text { return TextParser.recordSchema }
    while !stop.isRequested, !peers.areOver || !peers.connections.isEmpty {
      for connection in peers.connections {
        do throws(StreamError) {
          let found = try plan.inferRecord(from: connection.reader, options: plan.options)
          if let found, !found.fields.isEmpty { return found }
          if !stop.isRequested { peers.end(connection) }
        } catch {
          try peers.breakOff(connection, error)
        }
      }
      if !peers.reconnects { break }
      _ = try peers.wait(until: .never)
    }
    if !stop.isRequested {
      notices.warn(
        "the input is empty, so that its columns are not known",
        "--schema 'id bigint, name string'")
    }
    return Schema([])
  }

  package func next(until deadline: Deadline) throws -> InputEvent {
    while true {
      if !isStopped, stop.isRequested {
        isStopped = true
        peers.stop()
      }
      if let event = try nextRows() {
        emptySince = nil
        hasToldIdle = false
        return event
      }
      if peers.connections.isEmpty, peers.areOver {
        try finish()
        return .end(isComplete: !isStopped)
      }
      if isStopped { continue }
      if try peers.wait(until: hasToldIdle ? deadline : .now) || stop.isRequested { continue }
      if emptySince == nil { emptySince = Moment.now.uptime }
      hasToldIdle = true
      return .nothingYet(idleSince: emptySince)
    }
  }

  /// What the next of the connections has that have something: each comes in its turn.
  private func nextRows() throws(StreamError) -> InputEvent? {
    guard var parsers else { return nil }
    defer { self.parsers = parsers }
    var left = peers.connections.count
    while left > 0, !peers.connections.isEmpty {
      left -= 1
      turn = (turn + 1) % peers.connections.count
      let connection = peers.connections[turn]
      guard connection.isReady else { continue }
      let step: SocketConnection.Step
      do throws(StreamError) { step = try connection.step(&parsers) } catch {
        try peers.breakOff(connection, error)
        continue
      }
      consumedCount += connection.bytes.consumedCount - connection.countedBytes
      connection.countedBytes = connection.bytes.consumedCount
      switch step {
      case .parsed(let parsed, let block):
        malformed.startFile(connection.name, lineCount: connection.lineCount)
        connection.lineCount += Int64(parsed.lineCount)
        try malformed.take(parsed, of: block, file: 0)
        return .rows(parsed.batch, byteCount: block.bytes.count)
      case .nothingYet: connection.isReady = isStopped
      case .end:
        unfinishedCount += connection.reader.unfinishedCount
        peers.end(connection)
      }
    }
    return nil
  }

  private func finish() throws(StreamError) {
    if unfinishedCount > 0 {
      notices.warn(
        "stopped within a record: its first \(unfinishedCount) bytes were not taken", nil)
      unfinishedCount = 0
    }
    peers.tellAtEnd()
    if ownsMalformed { try malformed.finish() }
  }
}
