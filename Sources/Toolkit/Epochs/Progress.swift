internal import Glibc
internal import Wire

/// How far the query has come: one line on standard error, drawn over and over.
///
/// The sink alone shows it, since the ledger tells it what all stages did, and since lines of several
/// processes would fight. Only where standard error is a terminal and standard output is not: there
/// the rows themselves show that something happens.
struct Progress {
  private let isShown: Bool
  private let start = monotonicMicroseconds()
  private var lastDrawn: Int64
  private var isDrawn = false
  private var rowsWritten: Int64 = 0
  private var rowsRead: Int64 = 0
  private var bytesRead: Int64 = 0
  private var bytesTotal: Int64?
  private var epoch: Int64 = 0

  private static let quietMicroseconds: Int64 = 1_000_000
  private static let intervalMicroseconds: Int64 = 200_000

  init(isWanted: Bool) {
    isShown = isWanted && isatty(2) != 0 && isatty(1) == 0
    lastDrawn = start + Progress.quietMicroseconds - Progress.intervalMicroseconds
  }

  mutating func add(rows: Int) {
    rowsWritten += Int64(rows)
    drawIfDue()
  }

  /// Adds up what the sources have signed: `rows` of each epoch, and, where they know them, the
  /// metrics `bytesIn` (of this epoch) and `bytesTotal` (of the whole input).
  mutating func note(_ ledger: Ledger) {
    guard isShown else { return }
    epoch = ledger.epoch
    var total: Int64 = 0
    var knowsTotal = !ledger.sources.isEmpty
    for source in ledger.sources {
      rowsRead += source.rows
      let part = ledger[stage: source.id]
      bytesRead += part[metric: "bytesIn"] ?? 0
      if let size = part[metric: "bytesTotal"] { total += size } else { knowsTotal = false }
    }
    bytesTotal = knowsTotal && total > 0 ? total : nil
    drawIfDue()
  }

  private mutating func drawIfDue() {
    guard isShown else { return }
    let now = monotonicMicroseconds()
    guard now - lastDrawn >= Progress.intervalMicroseconds else { return }
    lastDrawn = now
    isDrawn = true
    writeStandardError("\r\u{1B}[K\(line(seconds: Double(now - start) / 1e6))")
  }

  func line(seconds: Double) -> String {
    let rows = max(rowsRead, rowsWritten)
    var parts = [counted(rows, "row"), "\(grouped(Int64(Double(rows) / seconds))) rows/s"]
    if bytesRead > 0 { parts.append(shortBytes(bytesRead)) }
    if epoch > 0 { parts.append("epoch \(grouped(epoch))") }
    if let bytesTotal { parts.append("\(min(100, bytesRead * 100 / bytesTotal)) %") }
    return parts.joined(separator: ", ")
  }

  /// Takes the line away before something else is said, or at the end.
  mutating func erase() {
    guard isDrawn else { return }
    isDrawn = false
    writeStandardError("\r\u{1B}[K")
  }
}
