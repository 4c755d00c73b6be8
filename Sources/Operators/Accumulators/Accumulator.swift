package import Columnar

/// The state of one aggregate for every group, and how rows change it.
///
/// A class, since each kind holds arrays of its own; one call a batch. Rows are taken in their
/// order, so that where a batch was cut does not show, not even in the last bit of a double.
package protocol Accumulator: RestorableState {
  /// Makes room for the groups below `count`; they begin without rows.
  func resize(to count: Int)

  /// - Parameters:
  ///   - rows: groups that there is room for.
  ///   - arguments: of the types that the accumulator was made for, as long as `rows`.
  /// - Throws: `AggregateError`.
  func update(_ rows: GroupedRows, _ arguments: [Column]) throws

  /// - Parameter groups: groups that there is room for, each at most once.
  /// - Throws: `AggregateError`.
  func result(of groups: Buffer<Int32>) throws -> Column

  /// About how many bytes the result of a group takes: batches are cut by it.
  func resultByteCount(of group: Int) -> Int

  /// The memory for the state, in bytes.
  var byteCount: Int { get }

  /// Combines the states of groups with those that another accumulator has of its own: as if the
  /// rows behind them had come after the rows that each group has already. A group without rows
  /// takes a state over to the last bit; the state of one without rows changes nothing. All that
  /// lists gain counts as added.
  ///
  /// - Parameters:
  ///   - columns: what an accumulator of the same plan gave as its whole state, as long as `groups`.
  ///   - groups: groups that there is room for, each at most once.
  /// - Throws: what ``update(_:_:)`` would.
  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws
}

extension Accumulator {
  package func resultByteCount(of group: Int) -> Int { 8 }
}

/// An accumulator whose state of a group is like a row that stands for all of the group's rows.
protocol RowState: Accumulator {}

extension RowState {
  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    try update(GroupedRows(groups), columns)
  }
}

/// The group of each row of a batch.
package struct GroupedRows: Sendable {
  package let groups: Buffer<Int32>

  package init(_ groups: Buffer<Int32>) { self.groups = groups }

  package var count: Int { groups.count }

  /// Some of the rows.
  func selecting(_ rows: Buffer<Int32>) -> GroupedRows {
    GroupedRows(groups.gathering(rows))
  }

  /// Calls `body` with each row that has a value and its group, in the order of the rows.
  @inline(__always)
  func forEach(_ validity: Bitmap?, _ body: (_ row: Int, _ group: Int) -> Void) {
    let groups = groups.span
    guard let validity else {
      for row in groups.indices { body(row, Int(groups[row])) }
      return
    }
    let words = validity.words.span
    for word in 0..<Bitmap.wordCount(count) {
      let start = word &* 64
      if words[word] == .max, start &+ 64 <= count {
        for row in start..<start &+ 64 { body(row, Int(groups[row])) }
      } else {
        for row in start..<min(start &+ 64, count)
        where words[word] &>> UInt64(row &- start) & 1 != 0 {
          body(row, Int(groups[row]))
        }
      }
    }
  }
}

/// Why an aggregate has no value.
package enum AggregateError: Error, Equatable {
  case overflow
  /// The values of one group are longer than 2 GiB together.
  case tooLarge
  /// A value that cannot be taken, with Spark's name for what is wrong with it.
  case unusable(errorClass: String, String, hint: String? = nil)
}

/// The rows in which each of the columns has a value; nil when that is every row.
func commonValidity(_ columns: [Column]) -> Bitmap? {
  var common: Bitmap?
  for column in columns {
    guard let validity = column.nullBits else { continue }
    common = common.map { $0 & validity } ?? validity
  }
  return common
}

extension Column {
  /// The validity, of a column of nothing but nulls too.
  fileprivate var nullBits: Bitmap? {
    type == .void ? Bitmap(repeating: false, count: count) : validity
  }
}
