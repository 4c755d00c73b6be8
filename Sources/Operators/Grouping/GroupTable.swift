package import Columnar
import Diagnostics

/// The groups of an aggregation: distinct keys, numbered densely in the order of their first row.
///
/// A key is a row of columns, in which nulls are values, -0.0 is 0.0 and NaN is itself. Where a
/// batch was cut does not show.
package struct GroupTable: ~Copyable {
  package let keyTypes: [DataType]
  private let layout: Layout
  private var byteKeys = ByteKeyTable()
  private var wordKeys = WordKeyTable()
  private var changed = ChangedGroups()
  /// How many groups there were when it was last told what has changed.
  private var knownCount = 0

  private enum Layout {
    /// No key: one group, there from the start.
    case single
    case word
    case bytes
    case encoded(KeyEncoding)
  }

  package init(keyTypes: [DataType]) {
    self.keyTypes = keyTypes
    layout =
      switch keyTypes.first {
      case nil: .single
      case .string where keyTypes.count == 1, .binary where keyTypes.count == 1: .bytes
      case let type? where keyTypes.count == 1 && type.isWord: .word
      default: .encoded(KeyEncoding(keyTypes))
      }
  }

  package var count: Int {
    switch layout {
    case .single: 1
    case .word: wordKeys.count
    case .bytes, .encoded: byteKeys.count
    }
  }

  /// The memory that was allocated for the groups.
  package var byteCount: Int { byteKeys.byteCount + wordKeys.byteCount + changed.byteCount }

  /// The group of each row; keys that are new become groups.
  ///
  /// - Parameter keys: columns of the types of the keys, each `rowCount` long.
  /// - Throws: `StreamError` of kind data when there are too many groups or a key is too long.
  package mutating func groups(of keys: [Column], rowCount: Int) throws -> Buffer<Int32> {
    guard count + rowCount <= Int32.max else {
      throw StreamError(.data, "there are more than \(Int32.max) groups")
    }
    return try numbers(of: keys, rowCount: rowCount, adds: true)
  }

  /// The group of each row; -1 for a key that is no group.
  ///
  /// - Parameter keys: columns of the types of the keys, each `rowCount` long.
  /// - Throws: `StreamError` of kind data when a key is too long.
  package mutating func find(_ keys: [Column], rowCount: Int) throws -> Buffer<Int32> {
    try numbers(of: keys, rowCount: rowCount, adds: false)
  }

  private mutating func numbers(
    of keys: [Column], rowCount: Int, adds: Bool
  ) throws -> Buffer<Int32> {
    var numbers = MutableBuffer<Int32>(capacity: rowCount)
    switch layout {
    case .single: numbers.append(repeating: 0, count: rowCount)
    case .word:
      let (words, validity) = (keys[0].equalityWords(), keys[0].validity)
      if adds {
        wordKeys.number(words, validity: validity, into: &numbers)
      } else {
        wordKeys.find(words, validity: validity, into: &numbers)
      }
    case .bytes:
      guard case .bytes(let strings) = keys[0].storage else { preconditionFailure("strings") }
      resolve(strings, keys[0].validity, &numbers, adds: adds)
    case .encoded(let encoding):
      try resolve(keys, rowCount, encoding, &numbers, adds: adds)
    }
    return numbers.take()
  }

  private mutating func resolve(
    _ keys: [Column], _ rowCount: Int, _ encoding: KeyEncoding,
    _ numbers: inout MutableBuffer<Int32>, adds: Bool
  ) throws {
    if let encoded = encoding.encode(keys, rowCount: rowCount) {
      return resolve(encoded, nil, &numbers, adds: adds)
    }
    guard rowCount > 1 else { throw StreamError(.data, "a key is longer than 1 GiB") }
    for half in [0..<rowCount / 2, rowCount / 2..<rowCount] {
      try resolve(keys.map { $0[half] }, half.count, encoding, &numbers, adds: adds)
    }
  }

  private mutating func resolve(
    _ keys: ByteStrings, _ validity: Bitmap?, _ numbers: inout MutableBuffer<Int32>, adds: Bool
  ) {
    if adds {
      byteKeys.number(keys, validity: validity, into: &numbers)
    } else {
      byteKeys.find(keys, validity: validity, into: &numbers)
    }
  }

  /// The keys of some groups, a column for each.
  ///
  /// - Parameter groups: each below `count`; their keys have less than 2 GiB together.
  package func keys(of groups: Buffer<Int32>) -> [Column] {
    switch layout {
    case .single: return []
    case .word:
      let (words, validity) = wordKeys.keys(of: groups.span)
      return [Column(keyTypes[0], words: words, validity: validity)]
    case .bytes:
      let (strings, validity) = byteKeys.keys(of: groups.span)
      return [Column(keyTypes[0], .bytes(strings), validity: validity)]
    case .encoded(let encoding): return encoding.decode(byteKeys.keys(of: groups.span).0)
    }
  }

  /// About how many bytes the key of a group takes in columns.
  package func keyByteCount(of group: Int) -> Int {
    switch layout {
    case .single: 0
    case .word: 8
    case .bytes, .encoded: byteKeys.keyLength(of: group) + 4
    }
  }
}

// MARK: - Changes

extension GroupTable {
  /// Remembers that these groups had rows.
  ///
  /// - Parameter groups: what ``groups(of:rowCount:)`` gave; it is told of each time, or never.
  package mutating func markChanged(_ groups: Buffer<Int32>) {
    changed.add(groups, known: knownCount, groupCount: count)
    knownCount = count
  }

  /// The groups that had rows since the last call, in the order of their first one.
  package mutating func takeChanged() -> Buffer<Int32> { changed.take() }

  /// Whether every group is named once. None counts as changed then.
  package mutating func areDistinct(_ groups: Buffer<Int32>) -> Bool {
    markChanged(groups)
    return takeChanged().count == groups.count
  }
}
