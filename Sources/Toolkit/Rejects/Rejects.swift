internal import Columnar
package import Diagnostics
internal import Formats
internal import JSONText
package import Operators
internal import Scalars
package import Wire

/// What becomes of the rows that a stage could not take in: counted, told of, kept where asked.
package final class Rejects {
  /// Of all runs.
  package private(set) var tally = RejectTally()
  private var tallyOfRun = RejectTally()
  private let lateFiles: RejectFiles?
  private let unusableFiles: RejectFiles?
  /// What unusable rows are without.
  private let necessity: String
  private let hasCheckpoint: Bool
  private var firstUnusable: String?

  /// - Parameters:
  ///   - lateFiles: where late rows are kept; nil: nowhere.
  ///   - unusableFiles: where rows are kept that lack something; nil: nowhere.
  ///   - necessity: what they lack.
  ///   - hasCheckpoint: for advice.
  package init(
    lateFiles: RejectFiles? = nil, unusableFiles: RejectFiles? = nil,
    necessity: String = "an event time", hasCheckpoint: Bool = false
  ) {
    self.lateFiles = lateFiles
    self.unusableFiles = unusableFiles
    self.necessity = necessity
    self.hasCheckpoint = hasCheckpoint
  }

  /// Counts rows, and puts them where they are kept.
  ///
  /// - Parameter frame: that they came in; it is decoded as a whole only if they are kept, or shown.
  package func take(_ rejected: RejectedRows, of frame: RowFrame) throws {
    tally.add(rejected)
    tallyOfRun.add(rejected)
    let late = lateFiles == nil ? [] : rejected.late.map(\.row)
    let isFirst = firstUnusable == nil && unusableFiles == nil
    let unusable = unusableFiles == nil && !isFirst ? [] : rejected.unusable
    guard !late.isEmpty || !unusable.isEmpty else { return }
    let batch = try frame.batch()
    if isFirst, let row = unusable.first { firstUnusable = rowText(batch[Int(row)..<Int(row) + 1]) }
    if let lateFiles, lateFiles === unusableFiles {
      let rows = batch.gathering(Buffer((late + unusable).sorted()))
      return try lateFiles.add(rows, of: frame.input)
    }
    if !late.isEmpty { try lateFiles?.add(batch.gathering(Buffer(late)), of: frame.input) }
    if !unusable.isEmpty {
      try unusableFiles?.add(batch.gathering(Buffer(unusable)), of: frame.input)
    }
  }

  /// Makes the epoch's rows durable: before its marker goes on.
  package func close(_ epoch: Int64) throws(StreamError) {
    try lateFiles?.close(epoch)
    try unusableFiles?.close(epoch)
  }

  /// The open epoch is void.
  package func discard() {
    lateFiles?.discard()
    unusableFiles?.discard()
  }

  /// Goes on counting where an earlier run stopped.
  func restore(_ memo: JSON?) throws(StreamError) {
    if let memo { tally = try RejectTally(memo: memo) }
  }

  // MARK: - For people

  /// Says at the end of the run what was left out.
  package func report(to log: Log) {
    let (late, unusable) = (tallyOfRun.lateCount, tallyOfRun.unusableCount)
    if late > 0 {
      let rows = counted(late, "row") + (late == 1 ? " was" : " were")
      let most = "by \(durationText(tallyOfRun.lateMost))\(late == 1 ? "" : " at most")"
      if let lateFiles {
        log.warning("\(rows) late, \(most), and put into '\(lateFiles.directory)'")
      } else {
        log.warning(
          "\(rows) late, \(most), and left out",
          hint: "keep them: stream-window … --late \(hasCheckpoint ? "keep" : "DIR")")
      }
    }
    if unusable > 0 {
      let rows =
        "\(counted(unusable, "row")) without \(necessity) "
        + (unusable == 1 ? "was" : "were")
      if let unusableFiles {
        log.warning("\(rows) put into '\(unusableFiles.directory)'")
      } else {
        log.warning("\(rows) left out" + (firstUnusable.map { "; the first: \($0)" } ?? ""))
      }
    }
  }
}

/// A row for people, cut where it is long: `{"id":7,"ts":null}`.
private func rowText(_ row: Batch) -> String {
  let limit = 200
  var bytes = MutableBuffer<UInt8>()
  var writer = JSONWriter()
  guard (try? writer.write(row, into: &bytes)) != nil else { return "" }
  let text = String(decoding: bytes.take().elements.dropLast(), as: UTF8.self)
  return text.count > limit ? "\(text.prefix(limit))…" : text
}
