import Columnar

/// Distinct keys, numbered densely in the order of their first row: a hash table, or, for integers
/// that lie close together, an index.
struct JoinKeys: ~Copyable {
  private var table: GroupTable
  /// In place of `table`, which is empty then.
  private let direct: DirectIndex?

  fileprivate init(_ table: consuming GroupTable, _ direct: DirectIndex?) {
    self.table = table
    self.direct = direct
  }

  var count: Int { direct?.count ?? table.count }

  /// The number of each row's key; -1 for one that is not there.
  ///
  /// - Throws: `StreamError` of kind data when a key is too long.
  mutating func find(_ columns: [Column], rowCount: Int) throws -> Buffer<Int32> {
    if let direct { return direct.find(columns[0].words(), validity: columns[0].validity) }
    return try table.find(columns, rowCount: rowCount)
  }
}

/// Numbers keys.
struct JoinKeysBuilder: ~Copyable {
  private var table: GroupTable
  /// Of each row so far, unless it is one of `parts`.
  private var numbers = MutableBuffer<Int32>()
  /// Single integers: only when all are there it is known how they are best looked up.
  private var parts: [(words: Buffer<Int64>, validity: Bitmap?)] = []
  private let isInteger: Bool

  init(_ types: [DataType]) {
    table = GroupTable(keyTypes: types)
    isInteger = types.count == 1 && types[0].isWord && !types[0].isFloatingPoint
  }

  /// - Throws: `StreamError` of kind data when a key is too long.
  mutating func append(_ columns: [Column], rowCount: Int) throws {
    if isInteger {
      // A copy, since the column may be a part of something larger.
      parts.append((Buffer(copying: columns[0].words()), columns[0].validity))
    } else {
      try number(columns, rowCount)
    }
  }

  private mutating func number(_ columns: [Column], _ rowCount: Int) throws {
    let groups = try table.groups(of: columns, rowCount: rowCount)
    numbers.append(contentsOf: groups.span)
  }

  /// - Parameter keyOfRow: gets the number of each row's.
  /// - Throws: `StreamError` of kind data when there are too many.
  consuming func finish(_ keyOfRow: inout Buffer<Int32>) throws -> JoinKeys {
    let direct = isInteger ? DirectIndex(parts, &numbers) : nil
    if direct == nil {
      for (words, validity) in parts {
        let column = Column(table.keyTypes[0], words: words, validity: validity)
        try number([column], words.count)
      }
    }
    keyOfRow = numbers.take()
    return JoinKeys(table, direct)
  }
}

extension Buffer {
  fileprivate init(copying source: Buffer) {
    self.init(count: source.count) { output in
      for slot in 0..<source.count { output.append(source[slot]) }
    }
  }
}
