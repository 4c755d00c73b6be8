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

/// What an accumulator keeps of its groups, as columns that can be saved, and from which one that is
/// fresh becomes its twin: it gives the same results from then on, to the last bit.
package protocol RestorableState: AnyObject {
  /// The columns that hold the state.
  var stateParts: [StatePart] { get }

  /// From now on it is known what was added to lists, and what distinct values a group has: without
  /// it those can be merged into, but have no state. Called at most once, before the first row.
  func keepChanges()

  /// The state of some groups, a column for each of ``stateParts``.
  ///
  /// - Parameter groups: groups that there is room for, each at most once.
  /// - Throws: `AggregateError.tooLarge` when the lists are longer than a column can be.
  func state(of groups: Buffer<Int32>, _ extent: StateExtent) throws -> [Column]

  /// About how many bytes the state of a group takes: batches are cut by it.
  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int

  /// Nothing counts as added any more.
  ///
  /// - Parameter groups: all that had rows since the last call.
  func forgetChanges(of groups: Buffer<Int32>)

  /// Takes what ``state(of:_:)`` gave: lists are added to, all else is replaced. What was restored
  /// does not count as added.
  ///
  /// - Parameters:
  ///   - columns: of the types of ``stateParts``, as long as `groups`; they may hold anything.
  ///   - groups: groups that there is room for, each at most once.
  /// - Throws: `StateDamage`.
  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws
}

extension RestorableState {
  package func keepChanges() {}

  package func forgetChanges(of groups: Buffer<Int32>) {}

  package func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { 16 }
}

/// How much of the lists of a state is given out; all else is always given out.
package struct StateExtent: Sendable, Equatable {
  /// Only the elements that were added since ``RestorableState/forgetChanges(of:)``.
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
