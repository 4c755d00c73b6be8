import Columnar

/// Parts of structs, arrays and maps.
enum Members {
  static func field(_ index: Int) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      let member = column.members[index]
      guard let validity = column.validity else { return member }
      return member.replacing(validity: member.validity.map { $0 & validity } ?? validity)
    }
  }

  /// The field of each struct of an array.
  static func fieldOfEach(_ index: Int) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      let (offsets, elements) = column.list
      let member = elements.members[index]
      let values = elements.validity.map { valid in
        member.replacing(validity: member.validity.map { $0 & valid } ?? valid)
      }
      return Column(
        arguments.type, .list(offsets: offsets, elements: values ?? member),
        validity: column.validity)
    }
  }

  /// `items[i]`, from 0; outside of the array is an error.
  static let element = Kernel(canFail: true) { arguments in
    let lists = arguments.lists(0)
    let positions = arguments.int32s(1)
    return try gather(lists.elements, arguments) { row in
      let range = lists[row]
      let position = Int(positions[row])
      guard position >= 0, position < range.count else {
        throw Reason(
          "INVALID_ARRAY_INDEX",
          "index \(position) is outside of an array of \(range.count) elements",
          hint: "get(items, \(position)) gives null instead")
      }
      return range.lowerBound + position
    }
  }

  /// `m[key]`: the value of the key, null when the map does not have it.
  static let entry = Kernel { arguments in
    let lists = arguments.lists(0)
    let (keys, values) = (lists.elements.members[0], lists.elements.members[1])
    let wanted = arguments[1]
    return try gather(values, arguments) { row in
      lists[row].first { entry in
        keys.order(entry, against: wanted.column, wanted.slot(row)) == 0
      }
    }
  }

  /// The values at the slots that `body` names for each row without nulls; nil is null.
  @inline(__always)
  static func gather(
    _ source: Column, _ arguments: Arguments, _ body: (Int) throws -> Int?
  ) throws -> Column {
    let slots = try Arguments(
      vectors: arguments.vectors, type: .int, rowCount: arguments.rowCount,
      isTrying: arguments.isTrying, context: arguments.context
    ).makeInt32s { row in try body(row).map { Int32(truncatingIfNeeded: $0) } }
    // A null's slot is 0, which an empty source does not have.
    if source.count == 0 { return .nulls(source.type, count: arguments.rowCount) }
    let gathered = source.gathering(slots.int32s)
    guard let valid = slots.validity else { return gathered }
    return gathered.replacing(validity: gathered.validity.map { $0 & valid } ?? valid)
  }
}
