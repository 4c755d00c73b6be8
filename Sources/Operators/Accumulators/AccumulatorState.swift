package import Columnar

/// A column of an accumulator's state, a value of which belongs to one group.
package struct StatePart: Sendable, Equatable {
  /// What it holds: `sum`, `count`.
  package let name: String
  package let type: DataType
  /// An array that only grows, so that a change need hold no more than what was added.
  package let appends: Bool

  init(_ name: String, _ type: DataType, appends: Bool = false) {
    self.name = name
    self.type = type
    self.appends = appends
  }
}

/// How much of the lists of a state is given out; all else is always given out.
package struct StateExtent: Sendable, Equatable {
  /// Only the elements that were added since ``Accumulator/forgetChanges(of:)``.
  package var isChange: Bool
  /// Of each list only these elements, counted from the first one that would be given out.
  package var elements = 0..<Int.max
  /// What the elements of a column may have together, in bytes; more is `AggregateError.tooLarge`.
  package var byteCountMax = StateExtent.columnBytes

  /// So much that a reader need not fear for its memory, far below what offsets can tell.
  package static let columnBytes = 256 << 20

  package static let whole = StateExtent(isChange: false)
  package static let change = StateExtent(isChange: true)
}

/// Why a column is no state of an accumulator: `a count is -1`.
package struct StateDamage: Error, Equatable {
  package let reason: String

  init(_ reason: String) { self.reason = reason }
}

// MARK: - Reading columns that may hold anything

extension Column {
  func withoutNulls() throws(StateDamage) -> Column {
    guard nullCount == 0 || type == .void else { throw StateDamage("a value is null") }
    return self
  }

  /// - Parameter limit: what each of them may reach.
  func counts(upTo limit: Int64 = .max) throws(StateDamage) -> Buffer<Int64> {
    guard case .int64(let values) = try withoutNulls().storage
    else { throw StateDamage("a count is \(type)") }
    let span = values.span
    for row in span.indices where span[row] < 0 || span[row] > limit {
      throw StateDamage("a count is \(span[row])")
    }
    return values
  }

  func stateDoubles() throws(StateDamage) -> Buffer<Double> {
    guard case .double(let values) = try withoutNulls().storage
    else { throw StateDamage("a double is \(type)") }
    return values
  }

  /// The words of a column in which a null says that there is no value.
  func stateWords() throws(StateDamage) -> Buffer<Int64> {
    guard type.isWord else { throw StateDamage("a number is \(type)") }
    return words()
  }

  func stateLists() throws(StateDamage) -> StateLists {
    guard case .list(let offsets, let elements) = try withoutNulls().storage
    else { throw StateDamage("a list is \(type)") }
    return StateLists(offsets: offsets, all: elements)
  }

  /// The fields of a struct.
  func stateFields() throws(StateDamage) -> [Column] {
    guard case .structure(let fields, _) = try withoutNulls().storage
    else { throw StateDamage("a struct is \(type)") }
    return fields
  }
}

/// The elements of a list for each group.
struct StateLists {
  let offsets: Buffer<Int32>
  fileprivate let all: Column

  var elements: Column { all[Int(offsets[0])..<Int(offsets[offsets.count - 1])] }

  /// The group of each element, when each list belongs to one.
  func rows(_ groups: Buffer<Int32>) -> GroupedRows {
    let (offsets, groups) = (offsets.span, groups.span)
    let count = Int(offsets[offsets.count - 1]) - Int(offsets[0])
    return GroupedRows(
      Buffer(count: count) { output in
        for row in groups.indices {
          output.append(repeating: groups[row], count: Int(offsets[row + 1] - offsets[row]))
        }
      })
  }
}

extension Bitmap? {
  /// Whether there is a value: nil is a column without nulls.
  @inline(__always)
  func isSet(_ row: Int) -> Bool {
    switch self {
    case nil: true
    case let bits?: bits[row]
    }
  }
}
