import Columnar

/// Maps and structs.
enum Maps {
  /// `map(k1, v1, …)`.
  static let make = Kernel(canFail: true, propagatesNulls: false) { arguments in
    guard case .map(let key, let value) = arguments.type else { return .empty(arguments.type) }
    var keys = ListAssembly(of: key)
    var values = ListAssembly(of: value)
    let bases = arguments.vectors.enumerated().map { index, vector in
      index % 2 == 0 ? keys.add(vector.column) : values.add(vector.column)
    }
    for row in 0..<arguments.rowCount {
      for (index, vector) in arguments.vectors.enumerated() {
        let slot = bases[index] + vector.slot(row)
        if index % 2 == 0 { keys.append(slot) } else { values.append(slot) }
      }
      keys.closeList()
      values.closeList()
    }
    return try assembled(
      keys.take(.array(key)), values.take(.array(value)), arguments.type)
  }

  /// `map_from_arrays(keys, values)`.
  static let fromArrays = Kernel(canFail: true) { arguments in
    let lists = [0, 1].map { CompactLists(arguments[$0].spread(over: arguments.rowCount)) }
    for row in 0..<arguments.rowCount {
      let counts = lists.map { $0.offsets[row + 1] - $0.offsets[row] }
      let isNull = arguments.validity.map { !$0[row] } ?? false
      guard counts[0] == counts[1] || isNull else {
        throw RowFailure(
          row: row, Reason("MAP_LENGTH_MISMATCH", "\(counts[0]) keys, but \(counts[1]) values"))
      }
    }
    guard case .map(let key, let value) = arguments.type else { return .empty(arguments.type) }
    // Rows that are null on one side have elements on the other: both go.
    let columns = [0, 1].map { index -> Column in
      let source = arguments[index].spread(over: arguments.rowCount)
      let compact = CompactLists(source.replacing(validity: arguments.validity))
      let type = index == 0 ? key : value
      return Column(
        .array(type), .list(offsets: compact.offsets, elements: compact.elements),
        validity: arguments.validity)
    }
    return try assembled(columns[0], columns[1], arguments.type)
  }

  /// - Throws: `RowFailure` for a null key or one that comes twice.
  static func assembled(_ keys: Column, _ values: Column, _ type: DataType) throws -> Column {
    guard case .map(let keyType, let valueType) = type else { return .empty(type) }
    let (offsets, keyElements) = keys.list
    for row in 0..<keys.count where !keys.isNull(row) {
      var seen = SeenValues()
      for slot in Int(offsets[row])..<Int(offsets[row + 1]) {
        guard !keyElements.isNull(slot) else {
          throw RowFailure(row: row, Reason("NULL_MAP_KEY", "the key of a map is not null"))
        }
        guard seen.insert(keyElements, slot) else {
          throw RowFailure(row: row, Reason("DUPLICATED_MAP_KEY", "a key comes twice in a map"))
        }
      }
    }
    let entries = Column(
      .mapEntry(key: keyType, value: valueType),
      .structure([keyElements, values.list.elements], count: keyElements.count))
    return Column(type, .list(offsets: offsets, elements: entries), validity: keys.validity)
  }

  static func part(_ index: Int) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      let (offsets, entries) = column.list
      return Column(
        arguments.type, .list(offsets: offsets, elements: entries.members[index]),
        validity: column.validity)
    }
  }

  /// The entries as an array of structs.
  static let entries = Kernel { arguments in
    Column(arguments.type, arguments[0].column.storage, validity: arguments[0].column.validity)
  }

  static let containsKey = Kernel { arguments in
    let (lists, wanted) = (arguments.lists(0), arguments[1])
    let keys = lists.elements.members[0]
    return try arguments.makeBooleans { row in
      lists[row].contains { keys.order($0, against: wanted.column, wanted.slot(row)) == 0 }
    }
  }

  static let fromEntries = Kernel(canFail: true) { arguments in
    let column = arguments[0].column
    let compact = CompactLists(column)
    let members = compact.elements.members
    func list(_ elements: Column) -> Column {
      Column(
        .array(elements.type), .list(offsets: compact.offsets, elements: elements),
        validity: column.validity)
    }
    return try assembled(list(members[0]), list(members[1]), arguments.type)
  }

  static let concat = Kernel(canFail: true) { arguments in
    guard case .map(let key, let value) = arguments.type else { return .empty(arguments.type) }
    var assembly = ListAssembly(of: .mapEntry(key: key, value: value))
    let lists = arguments.vectors.indices.map { arguments.lists($0) }
    let bases = lists.map { assembly.add($0.elements) }
    return try arguments.makeLists(assembly) { row, assembly in
      var seen = SeenValues()
      for (base, list) in Swift.zip(bases, lists) {
        for slot in list[row] {
          guard seen.insert(list.elements.members[0], slot) else {
            throw Reason("DUPLICATED_MAP_KEY", "a key comes twice in a map")
          }
          assembly.append(base + slot)
        }
      }
      return true
    }
  }

  /// `str_to_map(text, pairDelimiter, keyDelimiter)` with literal delimiters.
  static func parse(pairs: CompiledPattern?, keys: CompiledPattern?) -> Kernel {
    Kernel(canFail: true) { arguments in
      let texts = arguments.strings(0)
      let (pairPatterns, keyPatterns) = (arguments.strings(1), arguments.strings(2))
      var (pairMatchers, keyMatchers) = (Regex.Matchers(pairs), Regex.Matchers(keys))
      let builder = ColumnBuilder(arguments.type)
      let valid = arguments.validity
      for row in 0..<arguments.rowCount {
        guard valid.map({ $0[row] }) ?? true else {
          builder.appendNull()
          continue
        }
        let text = texts[row]
        var seen: Set<[UInt8]> = []
        var entries: [Value] = []
        let ends: [Range<Int>]
        do {
          let matcher = try pairMatchers.matcher(pairPatterns, row)
          ends = try matcher.ranges(between: text, limit: -1)
          _ = try keyMatchers.matcher(keyPatterns, row)
        } catch let reason as Reason {
          throw RowFailure(row: row, reason)
        }
        for range in ends {
          let pair = text.extracting(range)
          let parts = try keyMatchers.matcher(keyPatterns, row).ranges(between: pair, limit: 2)
          let name = pair.bytes(parts[0])
          guard seen.insert(name).inserted else {
            throw RowFailure(row: row, Reason("DUPLICATED_MAP_KEY", "a key comes twice in a map"))
          }
          let value = parts.count > 1 ? pair.bytes(parts[1]) : nil
          entries.append(
            .structure([
              .string(String(decoding: name, as: UTF8.self)),
              value.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
            ]))
        }
        builder.append(.list(entries))
      }
      return builder.take()
    }
  }

  // MARK: - Structs

  static let makeStruct = Kernel(propagatesNulls: false) { arguments in
    let columns = arguments.vectors.map { $0.spread(over: arguments.rowCount) }
    return Column(arguments.type, .structure(columns, count: arguments.rowCount))
  }
}

extension Span<UInt8> {
  func bytes(_ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for offset in range { bytes.append(self[offset]) }
    return bytes
  }
}
