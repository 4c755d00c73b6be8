import Columnar

/// `abs`.
enum Magnitude {
  static func bind(_ call: CallBinder) throws -> Node {
    if call[0].type.isInterval {
      return call.call(kernel, [call[0]], call[0].type, annotation: call[0].annotation)
    }
    let value = try call.argument(0, .number)
    return call.call(kernel, [value], value.type)
  }

  private static let kernel = Kernel(canFail: true) { arguments in
    let source = arguments[0].column
    switch source.storage {
    case .int8(let values):
      let valid = try Negation.check(arguments, values)
      return Column(arguments.type, .int8(map(values) { $0 < 0 ? 0 &- $0 : $0 }), validity: valid)
    case .int16(let values):
      let valid = try Negation.check(arguments, values)
      return Column(arguments.type, .int16(map(values) { $0 < 0 ? 0 &- $0 : $0 }), validity: valid)
    case .int32(let values):
      let valid = try Negation.check(arguments, values)
      return Column(arguments.type, .int32(map(values) { $0 < 0 ? 0 &- $0 : $0 }), validity: valid)
    case .int64(let values):
      let valid = try Negation.check(arguments, values)
      return Column(arguments.type, .int64(map(values) { $0 < 0 ? 0 &- $0 : $0 }), validity: valid)
    case .float(let values):
      return Column(arguments.type, .float(map(values) { $0.magnitude }), validity: source.validity)
    case .double(let values):
      return Column(
        arguments.type, .double(map(values) { $0.magnitude }), validity: source.validity)
    default:
      let values = map(source.decimals) { $0 < 0 ? -$0 : $0 }
      return Column(arguments.type, .decimal(values), validity: source.validity)
    }
  }
}

enum BitQuestions {
  static func bindCount(_ call: CallBinder) throws -> Node {
    if call[0].type == .boolean {
      return call.call(count, [try call.binder.converted(call[0], to: .int)], .int)
    }
    // Negative numbers count as 64 bits.
    return call.call(count, [try call.argument(0, .bigint)], .int)
  }

  private static let count = Kernel { arguments in
    let vector = arguments[0]
    return try arguments.makeInt32s { row in
      Int32(vector.column.integer(vector.slot(row)).nonzeroBitCount)
    }
  }

  static let get = Kernel(canFail: true) { arguments in
    let (values, places) = (arguments.int64s(0), arguments.int32s(1))
    let bits = try arguments.with(type: .int).makeInt32s { row in
      let place = places[row]
      guard 0...63 ~= place else {
        throw Reason("INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE", "a bigint has no bit \(place)")
      }
      return Int32(values[row] >> Int64(place) & 1)
    }
    let narrow = map(bits.int32s) { Int8(truncatingIfNeeded: $0) }
    return Column(.tinyint, .int8(narrow), validity: bits.validity)
  }
}
