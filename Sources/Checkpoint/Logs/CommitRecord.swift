package import Diagnostics
package import JSONText

/// An epoch that took effect: its ledger, and what the sink's targets said of it.
package struct CommitRecord: Sendable, Equatable {
  /// The marker's ledger, as every stage has signed it.
  package var ledger: JSON
  /// What each target needs to know after a crash, in the order of the command line.
  package var targets: [JSON]
  /// The epoch changed nothing. It is acknowledged without an fsync, and is no commit for resuming,
  /// skipping and trimming.
  package var isSoft: Bool

  package init(ledger: JSON, targets: [JSON] = [], isSoft: Bool = false) {
    self.ledger = ledger
    self.targets = targets
    self.isSoft = isSoft
  }

  /// The output epoch.
  package var epoch: Int64 { ledger["epoch"]?.safeInteger ?? 0 }

  /// The epoch of a source that it includes; nil of one that has none in it.
  package func epoch(ofSource id: String) -> Int64? {
    ledger["sources"]?[id]?["epoch"]?.safeInteger
  }

  /// The version of a stage's state that belongs to it.
  package func version(ofStage id: String) -> Int64? {
    ledger["stages"]?[id]?["version"]?.int64
  }

  package var json: JSON {
    var json: JSON = ["ledger": ledger]
    if !targets.isEmpty { json["targets"] = .array(targets) }
    if isSoft { json["soft"] = true }
    return json
  }

  /// - Returns: nil when it is none.
  package init?(_ json: JSON) {
    guard let ledger = json["ledger"], ledger["epoch"]?.safeInteger != nil else { return nil }
    self.init(
      ledger: ledger, targets: json["targets"]?.array ?? [], isSoft: json["soft"]?.bool ?? false)
  }

  /// - Parameter path: for the error.
  package static func list(_ contents: LogContents, of path: String) throws(StreamError)
    -> [CommitRecord]
  {
    var records: [CommitRecord] = []
    for (index, json) in contents.records.enumerated() {
      guard let record = CommitRecord(json), record.epoch > records.last?.epoch ?? 0 else {
        throw StreamError.damagedCheckpoint(
          "this is no commit behind the one before it", at: "\(path):\(index + 1)")
      }
      records.append(record)
    }
    return records
  }
}
