import Columnar

/// Functions of arrays that give arrays.
enum Arrays {
  /// `array(a, b, …)`.
  static let make = Kernel(propagatesNulls: false) { arguments in
    guard case .array(let element) = arguments.type else { return .empty(arguments.type) }
    var assembly = ListAssembly(of: element)
    let bases = arguments.vectors.map { assembly.add($0.column) }
    for row in 0..<arguments.rowCount {
      for (base, vector) in Swift.zip(bases, arguments.vectors) {
        assembly.append(base + vector.slot(row))
      }
      assembly.closeList()
    }
    return assembly.take(arguments.type)
  }

  static let concat = Kernel(canFail: true) { arguments in
    try assembled(arguments, arguments.vectors.indices.map { $0 }) { row, bases, lists, assembly in
      for (base, list) in Swift.zip(bases, lists) { assembly.append(list[row], from: base) }
      return true
    }
  }

  /// Lists made of the elements of the array arguments named.
  @inline(__always)
  private static func assembled(
    _ arguments: Arguments, _ arrays: [Int], values: [Int] = [],
    _ body: (Int, [Int], [ListLane], inout ListAssembly) throws -> Bool
  ) throws -> Column {
    guard case .array(let element) = arguments.type else { return .empty(arguments.type) }
    var assembly = ListAssembly(of: element)
    let lists = arrays.map { arguments.lists($0) }
    let bases =
      lists.map { assembly.add($0.elements) } + values.map { assembly.add(arguments[$0].column) }
    return try arguments.makeLists(assembly) { row, assembly in
      try body(row, bases, lists, &assembly)
    }
  }

  /// A kernel that picks elements of its first argument.
  private static func picking(
    canFail: Bool = false,
    _ body: @escaping @Sendable (Int, ListLane, Arguments, inout ListAssembly) throws -> Void
  ) -> Kernel {
    Kernel(canFail: canFail) { arguments in
      try assembled(arguments, [0]) { row, _, lists, assembly in
        try body(row, lists[0], arguments, &assembly)
        return true
      }
    }
  }

  static let distinct = picking { row, list, _, assembly in
    var seen = SeenValues()
    for slot in list[row] where seen.insert(list.elements, slot) { assembly.append(slot) }
  }

  static let compact = picking { row, list, _, assembly in
    for slot in list[row] where !list.elements.isNull(slot) { assembly.append(slot) }
  }

  static let reverse = picking { row, list, _, assembly in
    for slot in list[row].reversed() { assembly.append(slot) }
  }

  /// `array_remove(array, value)`; nulls stay.
  static let remove = picking { row, list, arguments, assembly in
    let wanted = arguments[1]
    for slot in list[row] {
      let isSame =
        !list.elements.isNull(slot)
        && list.elements.order(slot, against: wanted.column, wanted.slot(row)) == 0
      if !isSame { assembly.append(slot) }
    }
  }

  /// `slice(array, start, length)`: from 1, or from the end when negative.
  static let slice = picking(canFail: true) { row, list, arguments, assembly in
    let start = Int(arguments.int32s(1)[row])
    let length = Int(arguments.int32s(2)[row])
    guard start != 0 else {
      throw Reason("INVALID_PARAMETER_VALUE.START", "a slice begins at 1, or at -1 from the end")
    }
    guard length >= 0 else {
      throw Reason("INVALID_PARAMETER_VALUE.LENGTH", "the length of a slice is not negative")
    }
    let range = list[row]
    let first = start > 0 ? range.lowerBound + start - 1 : range.upperBound + start
    guard first >= range.lowerBound, first < range.upperBound else { return }
    for slot in first..<min(range.upperBound, first + length) { assembly.append(slot) }
  }

  /// `sort_array(array, ascending)`: nulls first ascending, last descending.
  static let sort = picking { row, list, arguments, assembly in
    let isAscending = arguments.count < 2 || arguments.boolean(1, row)
    let ascending = list[row].sorted { list.elements.order($0, against: list.elements, $1) < 0 }
    for slot in isAscending ? ascending : ascending.reversed() { assembly.append(slot) }
  }

  /// `array_sort(array)`: ascending, nulls last.
  static let sortNullsLast = picking { row, list, _, assembly in
    let (elements, range) = (list.elements, list[row])
    let known = range.filter { !elements.isNull($0) }
    for slot in known.sorted(by: { elements.order($0, against: elements, $1) < 0 }) {
      assembly.append(slot)
    }
    for slot in range where elements.isNull(slot) { assembly.append(slot) }
  }

  static let union = Kernel { arguments in
    try assembled(arguments, [0, 1]) { row, bases, lists, assembly in
      var seen = SeenValues()
      for (base, list) in Swift.zip(bases, lists) {
        for slot in list[row] where seen.insert(list.elements, slot) {
          assembly.append(base + slot)
        }
      }
      return true
    }
  }

  static let intersect = Kernel { arguments in keep(arguments, common: true) }

  static let except = Kernel { arguments in keep(arguments, common: false) }

  private static func keep(_ arguments: Arguments, common: Bool) -> Column {
    let column = try? assembled(arguments, [0, 1]) { row, _, lists, assembly in
      var others = SeenValues()
      for slot in lists[1][row] { _ = others.insert(lists[1].elements, slot) }
      var seen = SeenValues()
      for slot in lists[0][row] where others.contains(lists[0].elements, slot) == common {
        if seen.insert(lists[0].elements, slot) { assembly.append(slot) }
      }
      return true
    }
    return column ?? .nulls(arguments.type, count: arguments.rowCount)
  }

  static let flatten = Kernel { arguments in
    guard case .array(let element) = arguments.type else { return .empty(arguments.type) }
    var assembly = ListAssembly(of: element)
    let outer = arguments.lists(0)
    let (offsets, elements) = outer.elements.list
    let base = assembly.add(elements)
    return try arguments.makeLists(assembly) { row, assembly in
      guard !outer[row].contains(where: { outer.elements.isNull($0) }) else { return false }
      for list in outer[row] {
        assembly.append(Int(offsets[list])..<Int(offsets[list + 1]), from: base)
      }
      return true
    }
  }

  // MARK: - With further values

  /// `array_append(array, value)` and `array_prepend`: the value may be null.
  static func adding(atEnd: Bool) -> Kernel {
    Kernel(propagatesNulls: false) { arguments in
      guard case .array(let element) = arguments.type else { return .empty(arguments.type) }
      var assembly = ListAssembly(of: element)
      let list = arguments.lists(0)
      let base = assembly.add(list.elements)
      let value = arguments[1]
      let valueBase = assembly.add(value.column)
      for row in 0..<arguments.rowCount {
        let isNull = arguments[0].isNull(row)
        if !isNull {
          if !atEnd { assembly.append(valueBase + value.slot(row)) }
          assembly.append(list[row], from: base)
          if atEnd { assembly.append(valueBase + value.slot(row)) }
        }
        assembly.closeList(isNull: isNull)
      }
      return assembly.take(arguments.type)
    }
  }

  /// `array_repeat(value, count)`.
  static let `repeat` = Kernel(canFail: true, propagatesNulls: false) { arguments in
    guard case .array(let element) = arguments.type else { return .empty(arguments.type) }
    var assembly = ListAssembly(of: element)
    let value = arguments[0]
    let base = assembly.add(value.column)
    let counts = arguments.int32s(1)
    return try Arguments(
      vectors: [arguments[1]], type: arguments.type, rowCount: arguments.rowCount,
      isTrying: arguments.isTrying, context: arguments.context
    ).makeLists(assembly) { row, assembly in
      let count = max(0, Int(counts[row]))
      guard assembly.count + count < 1 << 28 else { throw Reason.tooLarge }
      for _ in 0..<count { assembly.append(base + value.slot(row)) }
      return true
    }
  }

  /// `array_insert(array, position, value)`: from 1, or from the end when negative; gaps are nulls.
  static let insert = Kernel(canFail: true, propagatesNulls: false) { arguments in
    guard case .array(let element) = arguments.type else { return .empty(arguments.type) }
    var assembly = ListAssembly(of: element)
    let list = arguments.lists(0)
    let base = assembly.add(list.elements)
    let value = arguments[2]
    let valueBase = assembly.add(value.column)
    let positions = arguments.int32s(1)
    return try Arguments(
      vectors: [arguments[0], arguments[1]], type: arguments.type, rowCount: arguments.rowCount,
      isTrying: arguments.isTrying, context: arguments.context
    ).makeLists(assembly) { row, assembly in
      let position = Int(positions[row])
      let range = list[row]
      guard position != 0 else {
        throw Reason("INVALID_INDEX_OF_ZERO", "positions are counted from 1, or from -1 at the end")
      }
      guard assembly.count + position.magnitudeInt < 1 << 28 else { throw Reason.tooLarge }
      let new = valueBase + value.slot(row)
      // Counted from the end, -1 is behind the last element.
      let index = position > 0 ? position - 1 : range.count + position + 1
      if index < 0 {
        assembly.append(new)
        for _ in index..<0 { assembly.appendNull() }
        assembly.append(range, from: base)
      } else if index > range.count {
        assembly.append(range, from: base)
        for _ in range.count..<index { assembly.appendNull() }
        assembly.append(new)
      } else {
        let middle = range.lowerBound + index
        assembly.append(range.lowerBound..<middle, from: base)
        assembly.append(new)
        assembly.append(middle..<range.upperBound, from: base)
      }
      return true
    }
  }

  /// `arrays_zip(a, b, …)`: structs of the elements at one place.
  static let zip = Kernel(canFail: true) { arguments in
    guard case .array(.structure(let fields)) = arguments.type else {
      return .empty(arguments.type)
    }
    let lists = arguments.vectors.indices.map { arguments.lists($0) }
    var columns: [Column] = []
    for (index, list) in lists.enumerated() {
      var assembly = ListAssembly(of: fields[index].type)
      let base = assembly.add(list.elements)
      columns.append(
        try arguments.with(type: .array(fields[index].type)).makeLists(assembly) { row, assembly in
          let longest = lists.map { $0[row].count }.max() ?? 0
          assembly.append(list[row], from: base)
          for _ in list[row].count..<longest { assembly.appendNull() }
          return true
        })
    }
    guard let first = columns.first else {
      return .nulls(arguments.type, count: arguments.rowCount)
    }
    let count = first.list.elements.count
    let structs = Column(
      .structure(fields), .structure(columns.map { $0.list.elements }, count: count))
    return Column(
      arguments.type, .list(offsets: first.list.offsets, elements: structs),
      validity: first.validity)
  }
}

extension Int {
  /// Its distance from zero, as far as an Int holds it.
  var magnitudeInt: Int { Int(clamping: magnitude) }
}
