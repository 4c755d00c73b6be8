import Columnar

/// The entries of a leaf that a batch makes.
struct ShreddedLeaf {
  /// Empty where no list is around the leaf.
  var repetitions: [UInt8]
  /// nil: all entries have values.
  var definitions: [UInt8]?
  let entryCount: Int
  /// Without nulls.
  let values: Column
}

/// Takes nested columns apart into leaves and levels, in the order of the leaves.
struct Shredder {
  private(set) var leaves: [ShreddedLeaf] = []

  /// Where the entries of a column come from.
  private struct Entries {
    var repetitions: [UInt8] = []
    var definitions: [UInt8] = []
    /// The place in the column; -1 where there is nothing any more.
    var slots: [Int32] = []
    /// Of what the column is in.
    var depth: UInt8 = 0
    var definition: UInt8 = 0
  }

  /// A column of a batch.
  mutating func append(_ column: Column) {
    if column.type.isNested {
      var entries = Entries()
      entries.definitions = [UInt8](repeating: 0, count: column.count)
      entries.repetitions = entries.definitions
      entries.slots = (0..<Int32(column.count)).map { $0 }
      append(column, entries, isRequired: false)
    } else {
      leaves.append(Shredder.flat(column))
    }
  }

  private static func flat(_ column: Column) -> ShreddedLeaf {
    if column.type == .void {
      return ShreddedLeaf(
        repetitions: [], definitions: [UInt8](repeating: 0, count: column.count),
        entryCount: column.count, values: .empty(.void))
    }
    guard let validity = column.validity else {
      return ShreddedLeaf(
        repetitions: [], definitions: nil, entryCount: column.count, values: column)
    }
    return ShreddedLeaf(
      repetitions: [], definitions: validity.bools.map { $0 ? 1 : 0 }, entryCount: column.count,
      values: column.gathering(validity.setIndices()).replacing(validity: nil))
  }

  private mutating func append(_ column: Column, _ outer: Entries, isRequired: Bool) {
    var entries = outer
    if !isRequired { Shredder.enter(column, &entries) }
    switch column.storage {
    case .structure(let fields, _):
      for field in fields { append(field, entries, isRequired: false) }
    case .list(let offsets, let elements):
      let inside = Shredder.enter(offsets, entries)
      if case .map = column.type, case .structure(let pair, _) = elements.storage {
        append(pair[0], inside, isRequired: true)
        append(pair[1], inside, isRequired: false)
      } else {
        append(elements, inside, isRequired: false)
      }
    default: appendLeaf(column, entries)
    }
  }

  /// Counts what is not null.
  private static func enter(_ column: Column, _ entries: inout Entries) {
    entries.definition += 1
    for index in entries.slots.indices where entries.slots[index] >= 0 {
      if column.isNull(Int(entries.slots[index])) {
        entries.slots[index] = -1
      } else {
        entries.definitions[index] = entries.definition
      }
    }
  }

  /// The elements of lists in the place of these.
  private static func enter(_ offsets: Buffer<Int32>, _ lists: Entries) -> Entries {
    var inside = Entries()
    inside.depth = lists.depth + 1
    inside.definition = lists.definition + 1
    for index in lists.slots.indices {
      let slot = Int(lists.slots[index])
      let range = slot < 0 ? 0..<0 : offsets[slot]..<offsets[slot + 1]
      if range.isEmpty {
        inside.repetitions.append(lists.repetitions[index])
        inside.definitions.append(lists.definitions[index])
        inside.slots.append(-1)
      }
      for element in range {
        let isFirst = element == range.lowerBound
        inside.repetitions.append(isFirst ? lists.repetitions[index] : inside.depth)
        inside.definitions.append(inside.definition)
        inside.slots.append(element)
      }
    }
    return inside
  }

  private mutating func appendLeaf(_ column: Column, _ entries: Entries) {
    let rows = entries.slots.filter { $0 >= 0 }
    let isVoid = column.type == .void
    let values =
      isVoid ? .empty(.void) : column.gathering(Buffer(rows)).replacing(validity: nil)
    leaves.append(
      ShreddedLeaf(
        repetitions: entries.depth == 0 ? [] : entries.repetitions,
        definitions: entries.definitions, entryCount: entries.slots.count, values: values))
  }
}
