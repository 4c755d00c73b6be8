package import Diagnostics
package import JSONText

/// What a source took into an epoch, written before the epoch's marker goes out: from it the same
/// epoch can be made again.
package struct Intent: Sendable, Equatable {
  package var epoch: Int64
  /// Processing time in µs, UTC.
  package var time: Int64
  /// How long the input had been empty, in µs.
  package var idle: Int64
  package var isFinal: Bool
  package var rows: Int64
  /// Where the epoch's rows are in the input, as the kind of source says it.
  package var input: JSON

  package init(
    epoch: Int64, time: Int64, idle: Int64, isFinal: Bool, rows: Int64, input: JSON
  ) {
    self.epoch = epoch
    self.time = time
    self.idle = idle
    self.isFinal = isFinal
    self.rows = rows
    self.input = input
  }

  package var json: JSON {
    [
      "epoch": .integer(epoch), "time": .integer(time), "idle": .integer(idle),
      "final": .bool(isFinal), "rows": .integer(rows), "input": input,
    ]
  }

  /// - Returns: nil when it is none.
  package init?(_ json: JSON) {
    guard let epoch = json["epoch"]?.safeInteger, let time = json["time"]?.int64,
      let idle = json["idle"]?.int64, let isFinal = json["final"]?.bool,
      let rows = json["rows"]?.int64, let input = json["input"]
    else { return nil }
    self.init(epoch: epoch, time: time, idle: idle, isFinal: isFinal, rows: rows, input: input)
  }
}

/// The source's log of intents above the floor, behind a base: where the input stood at the floor.
package final class IntentLog {
  /// The last epoch that is not in the log any more, and the end of the input then; nil: from the
  /// beginning.
  package struct Base: Sendable, Equatable {
    package var epoch: Int64
    package var time: Int64
    /// All that has to be known of the input up to there.
    package var input: JSON
    /// The rows of all epochs up to there; ``IntentLog/trim(to:)`` counts them. nil: not known.
    package fileprivate(set) var rows: Int64?

    package init(epoch: Int64, time: Int64, input: JSON) {
      self.epoch = epoch
      self.time = time
      self.input = input
    }
  }

  package private(set) var base: Base?
  package private(set) var intents: [Intent]
  private let log: RecordLog
  private let path: String

  /// Trimmed when so much could go.
  private static let trimmedCountMin = 64
  private static let trimmedBytesMin: Int64 = 1 << 20

  /// Opens the log of a source that holds its stage's lock.
  package init(_ stage: StageDirectory) throws(StreamError) {
    path = stage.intentsPath
    let contents = try LogContents.read(path)
    (base, intents) = try IntentLog.parse(contents?.records ?? [], of: path)
    log = try RecordLog(path, holding: IntentLog.records(base, intents))
  }

  /// What the log of a source holds, for those who only look; nil where there is none.
  ///
  /// - Throws: an I/O error when it is damaged.
  package static func read(
    _ stage: StageDirectory
  ) throws(StreamError) -> (base: Base?, intents: [Intent])? {
    guard let contents = try LogContents.read(stage.intentsPath) else { return nil }
    return try parse(contents.records, of: stage.intentsPath)
  }

  private static func parse(
    _ records: [JSON], of path: String
  ) throws(StreamError) -> (Base?, [Intent]) {
    var base: Base?
    var intents: [Intent] = []
    for (index, json) in records.enumerated() {
      if index == 0, let start = json["base"], let epoch = start["epoch"]?.safeInteger,
        let time = start["time"]?.int64, let input = start["input"]
      {
        base = Base(epoch: epoch, time: time, input: input)
        base?.rows = start["rows"]?.int64
        continue
      }
      let expected = (intents.last?.epoch ?? base?.epoch ?? 0) &+ 1
      guard let intent = Intent(json), intent.epoch == expected else {
        throw StreamError.damagedCheckpoint(
          "expected the intent of epoch \(expected)", at: "\(path):\(index + 1)")
      }
      intents.append(intent)
    }
    return (base, intents)
  }

  private static func records(_ base: Base?, _ intents: [Intent]) -> [JSON] {
    var records = intents.map(\.json)
    if let base {
      var json: JSON = [
        "epoch": .integer(base.epoch), "time": .integer(base.time), "input": base.input,
      ]
      if let rows = base.rows { json["rows"] = .integer(rows) }
      records.insert(["base": json], at: 0)
    }
    return records
  }

  /// The last epoch of the log.
  package var lastEpoch: Int64 { intents.last?.epoch ?? base?.epoch ?? 0 }

  /// Writes an intent: it survives the death of the process. The sink makes it durable.
  package func append(_ intent: Intent) throws(StreamError) {
    try log.append(intent.json)
    intents.append(intent)
  }

  /// Whether enough has been committed for it to be worth trimming.
  package func isWorthTrimming(upTo epoch: Int64) -> Bool {
    let count = epoch - (base?.epoch ?? 0)
    return count >= Int64(IntentLog.trimmedCountMin)
      || (count > 0 && log.byteCount > IntentLog.trimmedBytesMin)
  }

  /// Drops the intents up to an epoch that is committed, durably.
  ///
  /// - Parameter base: what stands for them.
  package func trim(to base: Base) throws(StreamError) {
    let kept = intents.filter { $0.epoch > base.epoch }
    var base = base
    base.rows = rowCount(upTo: base.epoch)
    try log.compact(to: IntentLog.records(base, kept))
    self.base = base
    intents = kept
  }
  /// All rows up to an epoch that is not trimmed.
  private func rowCount(upTo epoch: Int64) -> Int64? {
    guard let first = base == nil ? 0 : base?.rows else { return nil }
    return intents.filter { $0.epoch <= epoch }.reduce(first) { $0 &+ $1.rows }
  }
}
