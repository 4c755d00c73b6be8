import Columnar

/// `concat`, `||` and `concat_ws`.
enum Concatenation {
  /// Texts, binaries or arrays; anything else becomes text.
  static func bind(_ call: CallBinder) throws -> Node {
    guard call.count > 0 else {
      return Node(.constant(Column([""])), .string, range: call.range)
    }
    let types = call.arguments.map(\.type)
    if types.contains(where: { if case .array = $0 { true } else { false } }) {
      guard types.allSatisfy({ if case .array = $0 { true } else { false } }) else {
        let other = types.firstIndex { if case .array = $0 { false } else { true } } ?? 0
        throw call.misfit(other, "arrays only")
      }
      let (arrays, type) = try call.unified()
      return call.call(Arrays.concat, arrays, type)
    }
    if types.allSatisfy({ $0 == .binary }) { return call.call(kernel, call.arguments, .binary) }
    let texts = try call.arguments.indices.map { try call.argument($0, .text) }
    return call.call(kernel, texts, .string)
  }

  static let kernel = Kernel { arguments in
    if arguments.count == 1 {
      return Column(arguments.type, arguments[0].column.storage, validity: arguments.validity)
    }
    let lanes = arguments.vectors.indices.map { arguments.strings($0) }
    if lanes.count == 2 {
      let (first, second) = (lanes[0], lanes[1])
      return try arguments.makeStrings { row, output in
        output.append(short: first[row])
        output.append(short: second[row])
        return true
      }
    }
    return try arguments.makeStrings { row, output in
      for lane in lanes { output.append(short: lane[row]) }
      return true
    }
  }

  /// `concat_ws(separator, …)`: texts and arrays of texts; nulls are skipped.
  static func bindSeparated(_ call: CallBinder) throws -> Node {
    let arguments = try call.arguments.indices.map { index -> Node in
      if index > 0, case .array = call[index].type {
        return try call.argument(index, to: .array(.string))
      }
      return try call.argument(index, .text)
    }
    return call.call(separated, arguments, .string)
  }

  private static let separated = Kernel(propagatesNulls: false) { arguments in
    let separators = arguments[0]
    return try Arguments(
      vectors: [separators], type: .string, rowCount: arguments.rowCount, isTrying: false,
      context: arguments.context
    ).makeStrings { row, output in
      let separator = separators.column.strings[separators.slot(row)]
      var isFirst = true
      for vector in arguments.vectors.dropFirst() where !vector.isNull(row) {
        let slot = vector.slot(row)
        switch vector.column.storage {
        case .bytes(let strings):
          if !isFirst { output.append(short: separator) }
          output.append(short: strings[slot])
          isFirst = false
        case .list(let offsets, let elements):
          for element in Int(offsets[slot])..<Int(offsets[slot + 1]) where !elements.isNull(element)
          {
            if !isFirst { output.append(short: separator) }
            output.append(short: elements.strings[element])
            isFirst = false
          }
        default: continue
        }
      }
      return true
    }
  }
}
