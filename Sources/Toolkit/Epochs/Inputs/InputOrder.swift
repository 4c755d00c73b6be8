package import Checkpoint
package import Diagnostics
package import JSONText

/// In which order the epochs of several inputs were applied: a run that makes epochs again makes the
/// same ones.
package final class InputOrder {
  package struct Entry: EpochEntry, Equatable {
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

  private let log: EpochLog<Entry>
  /// Entries are dropped when so many can go.
  private static let trimmedCountMin: Int64 = 64

  /// Opens the log of a stage that holds its lock.
  ///
  /// - Parameter epoch: the last one that was committed, as the stages behind count; 0: none.
  /// - Throws: an I/O error when the log does not go with that.
  package init(_ stage: StageDirectory, resuming epoch: Int64) throws {
    let entries = try InputOrder.read(stage) ?? []
    let (first, last) = (entries.first?.epoch ?? 1, entries.last?.epoch ?? 0)
    guard last >= epoch, first <= max(epoch, 1) else {
      throw StreamError.damagedCheckpoint(
        "the order of epoch \(last < epoch ? epoch : epoch + 1) is missing", at: stage.orderPath)
    }
    log = try EpochLog(stage.orderPath, holding: entries)
  }

  /// What the log of a stage holds, for those who only look; nil where there is none.
  ///
  /// - Throws: an I/O error when it is damaged.
  package static func read(_ stage: StageDirectory) throws(StreamError) -> [Entry]? {
    try EpochLog.read(stage.orderPath)
  }

  /// The epoch of a stage with several inputs, as it counts, in the ledger of a commit.
  package static func epoch(of stage: String, in ledger: JSON) -> Int64? {
    ledger["stages"]?[stage]?["memo"]?[MergedMemo.key]?["epoch"]?.safeInteger
  }

  package var entries: [Entry] { log.entries }

  /// Which epoch is to be made again; nil when it is a new one.
  package func entry(of epoch: Int64) -> Entry? { log.entry(of: epoch) }

  /// Notes the next epoch.
  package func append(_ entry: Entry) throws { try log.append(entry) }

  /// Forgets an epoch that cannot be made again, and all behind it.
  package func cut(from epoch: Int64) throws {
    try log.keep(entries.filter { $0.epoch < epoch })
  }

  /// Drops what lies behind a commit that is durable, when that is worth the work.
  ///
  /// - Parameter floor: its epoch, which stays.
  package func trim(to floor: Int64) throws {
    guard let first = entries.first, let last = entries.last,
      (first.epoch...last.epoch).contains(floor),
      floor - first.epoch >= InputOrder.trimmedCountMin
    else { return }
    try log.keep(entries.filter { $0.epoch >= floor })
  }
}

extension InputOrder.Entry {
  package var json: JSON {
    ["epoch": .integer(epoch), "input": .string(input), "of": .integer(inputEpoch)]
  }

  package init?(_ json: JSON) {
    guard let epoch = json["epoch"]?.safeInteger, let input = json["input"]?.string,
      let number = json["of"]?.int64
    else { return nil }
    self.init(epoch: epoch, input: input, inputEpoch: number)
  }
}
