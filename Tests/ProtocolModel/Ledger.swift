/// A short sequence of input rows. Row 3 of the first source is 3, of the second one 11.
struct Rows: Hashable, Sendable, CustomStringConvertible {
  /// A hexadecimal digit per row, the first row highest; a row is never 0.
  private var digits: UInt64 = 0

  init() {}

  init(row: UInt8) { digits = UInt64(row) }

  /// The rows of a source from `start` (excluded) to `end` (included), counted from 1.
  init(source: Int, from start: UInt8, through end: UInt8) {
    var row = start
    while row < end {
      row += 1
      digits = digits << 4 | (UInt64(source) << 3 | UInt64(row))
    }
  }

  var isEmpty: Bool { digits == 0 }

  var count: Int { (67 - digits.leadingZeroBitCount) / 4 }

  var last: UInt8 { UInt8(digits & 15) }

  mutating func append(_ other: Rows) {
    digits = digits << (4 * UInt64(other.count)) | other.digits
  }

  mutating func removeLast() { digits >>= 4 }

  /// Those of one source, in their order.
  func of(source: Int) -> Rows {
    var result = Rows()
    for shift in stride(from: 60, through: 0, by: -4) {
      let row = digits >> UInt64(shift) & 15
      if row != 0, Int(row >> 3) == source { result.digits = result.digits << 4 | row }
    }
    return result
  }

  var description: String { isEmpty ? "no rows" : "rows " + String(digits, radix: 16) }
}

/// How far a source has come: its last epoch and the last row in it.
struct Position: Hashable, Sendable {
  var epoch: UInt8 = 0
  var row: UInt8 = 0
  var isFinal = false
}

/// What a marker carries. A source that a ledger does not know stands at its beginning.
struct Ledger: Hashable, Sendable {
  var epoch: UInt8 = 0
  var left = Position()
  var right = Position()
  /// The version of the aggregate's state: the last epoch that changed it.
  var version: UInt8 = 0
  var isFinal = false

  subscript(source: Int) -> Position {
    get { source == 0 ? left : right }
    set { if source == 0 { left = newValue } else { right = newValue } }
  }
}

/// A line of `intents.log`: where an epoch ends. With its replay the epoch is cut alike.
struct Intent: Hashable, Sendable {
  var epoch: UInt8
  var row: UInt8
  var isFinal: Bool
}

/// A line of `order.log`: which input's epoch became an output epoch of the join.
struct OrderEntry: Hashable, Sendable {
  var epoch: UInt8
  var input: UInt8
}

/// What an epoch did to the aggregate's state, as it stands in a segment: rows folded into it, and
/// the row whose window is still open afterwards (0: none).
struct Delta: Hashable, Sendable {
  var version: UInt8 = 0
  var rows = Rows()
  var held: UInt8 = 0
}

/// A line of `commits.log`. A soft one acknowledges, but nobody resumes, skips or trims by it. (The
/// model finds no hole when they do: that rule only keeps the log from running ahead of a database.)
struct Commit: Hashable, Sendable {
  var ledger: Ledger
  var isSoft: Bool
  /// The last commit that was durable when this line was written.
  var durable: Ledger
}
