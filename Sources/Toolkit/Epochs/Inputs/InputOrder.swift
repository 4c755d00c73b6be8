package import Checkpoint
package import Diagnostics
package import JSONText

/// In which order the epochs of several inputs were applied: a run that makes epochs again makes the
/// same ones.
package final class InputOrder {
  package struct Entry: Equatable, Sendable {
    /// As the stages behind count.
    package var epoch: Int64
    /// The id of the stage that numbers the input's epochs.
    package var input: String
    /// As the input counts.
    package var inputEpoch: Int64

    package init(epoch: Int64, input: String, inputEpoch: Int64) {
      self.epoch = epoch
      self.input = input
      self.inputEpoch = inputEpoch
    }
  }

  private let log: RecordLog
  package private(set) var entries: [Entry]
  /// Entries are dropped when so many can go.
  private static let trimmedCountMin: Int64 = 64

  /// Opens the log of a stage that holds its lock.
  ///
  /// - Parameter epoch: the last one that was committed, as the stages behind count; 0: none.
  /// - Throws: an I/O error when the log does not go with that.
  package init(_ stage: StageDirectory, resuming epoch: Int64) throws {
    let path = stage.orderPath
    entries = try InputOrder.read(stage) ?? []
    let (first, last) = (entries.first?.epoch ?? 1, entries.last?.epoch ?? 0)
    guard last >= epoch, first <= max(epoch, 1) else {
      throw StreamError(
        .io,
        "the checkpoint is damaged: the order of epoch \(last < epoch ? epoch : epoch + 1) is missing",
        location: path,
        hint: "restore the directory from a copy, or begin again with an empty one")
    }
    log = try RecordLog(path, holding: entries.map(\.json))
  }

  /// What the log of a stage holds, for those who only look; nil where there is none.
  ///
  /// - Throws: an I/O error when it is damaged.
  package static func read(_ stage: StageDirectory) throws(StreamError) -> [Entry]? {
    guard let contents = try LogContents.read(stage.orderPath) else { return nil }
    return try parse(contents.records, of: stage.orderPath)
  }

  /// The epoch of a stage with several inputs, as it counts, in the ledger of a commit.
  package static func epoch(of stage: String, in ledger: JSON) -> Int64? {
    ledger["stages"]?[stage]?["memo"]?[MergedMemo.key]?["epoch"]?.int64
  }

  private static func parse(_ records: [JSON], of path: String) throws(StreamError) -> [Entry] {
    var entries: [Entry] = []
    for (index, json) in records.enumerated() {
      guard let entry = Entry(json), entries.last.map({ entry.epoch == $0.epoch &+ 1 }) ?? true
      else {
        throw StreamError(
          .io, "the checkpoint is damaged: expected the order of an epoch behind the one before",
          location: "\(path):\(index + 1)")
      }
      entries.append(entry)
    }
    return entries
  }

  /// Which epoch is to be made again; nil when it is a new one.
  package func entry(of epoch: Int64) -> Entry? {
    guard let first = entries.first?.epoch, epoch >= first, epoch - first < entries.count else {
      return nil
    }
    return entries[Int(epoch - first)]
  }

  /// Notes the next epoch; it survives the death of the process. The sink makes it durable.
  package func append(_ entry: Entry) throws {
    try log.append(entry.json)
    entries.append(entry)
  }

  /// Forgets an epoch that cannot be made again, and all behind it.
  package func cut(from epoch: Int64) throws {
    try keep(entries.filter { $0.epoch < epoch })
  }

  /// Drops what lies behind a commit that is durable, when that is worth the work.
  ///
  /// - Parameter floor: its epoch, which stays.
  package func trim(to floor: Int64) throws {
    guard let first = entries.first, let last = entries.last, floor <= last.epoch,
      floor - first.epoch >= InputOrder.trimmedCountMin
    else { return }
    try keep(entries.filter { $0.epoch >= floor })
  }

  private func keep(_ kept: [Entry]) throws {
    try log.compact(to: kept.map(\.json))
    entries = kept
  }
}

extension InputOrder.Entry {
  fileprivate var json: JSON {
    ["epoch": .integer(epoch), "input": .string(input), "of": .integer(inputEpoch)]
  }

  fileprivate init?(_ json: JSON) {
    guard let epoch = json["epoch"]?.int64, epoch > 0, let input = json["input"]?.string,
      let number = json["of"]?.int64
    else { return nil }
    self.init(epoch: epoch, input: input, inputEpoch: number)
  }
}
