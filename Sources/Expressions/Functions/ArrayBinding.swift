import Columnar
import Diagnostics

/// Types of functions of arrays.
enum ArrayBinding {
  static func size(_ call: CallBinder) throws -> Node {
    switch call[0].type {
    case .array, .map: return call.call(ArrayQuestions.size, [call[0]], .int)
    case .void: return Node.null(.int, range: call.range)
    default: throw call.misfit(0, "an array or a map")
    }
  }

  private static func elementType(_ call: CallBinder, _ index: Int = 0) throws -> DataType {
    guard case .array(let element) = call[index].type else { throw call.misfit(index, "an array") }
    return element
  }

  static func same(_ call: CallBinder, _ kernel: Kernel) throws -> Node {
    _ = try elementType(call)
    return call.call(kernel, [call[0]], call[0].type)
  }

  static func element(_ call: CallBinder, _ kernel: Kernel) throws -> Node {
    call.call(kernel, [call[0]], try elementType(call))
  }

  /// An array and a value of its elements' type, or of a type that both become.
  static func arrayAndValue(_ call: CallBinder, _ index: Int) throws -> (Node, Node, DataType) {
    let element = try elementType(call)
    guard let type = Coercion.common(element, call[index].type, readsText: false) else {
      throw call.misfit(index, phrase(element))
    }
    let array = try call.binder.converted(call[0], to: .array(type))
    return (array, try call.binder.converted(call[index], to: type), .array(type))
  }

  static func withValue(
    _ call: CallBinder, _ kernel: Kernel, _ result: (DataType) -> DataType
  ) throws -> Node {
    let (array, value, type) = try arrayAndValue(call, 1)
    return call.call(kernel, [array, value], result(type))
  }

  static func adding(_ call: CallBinder, _ kernel: Kernel) throws -> Node {
    let (array, value, type) = try arrayAndValue(call, 1)
    return call.call(kernel, [array, value], type)
  }

  static func insert(_ call: CallBinder) throws -> Node {
    let (array, value, type) = try arrayAndValue(call, 2)
    return call.call(Arrays.insert, [array, try call.argument(1, .int), value], type)
  }

  static func unified(_ call: CallBinder) throws -> ([Node], DataType) {
    for index in call.arguments.indices { _ = try elementType(call, index) }
    return try call.unified(readsText: false)
  }

  static func pair(_ call: CallBinder, _ kernel: Kernel) throws -> Node {
    let (arrays, type) = try unified(call)
    return call.call(kernel, arrays, type)
  }

  static func elementAt(_ call: CallBinder, _ kernel: Kernel) throws -> Node {
    if case .map(let key, let value) = call[0].type {
      return call.call(Members.entry, [call[0], try call.argument(1, to: key)], value)
    }
    let element = try elementType(call)
    return call.call(kernel, [call[0], try call.argument(1, .int)], element)
  }

  static func zip(_ call: CallBinder) throws -> Node {
    var fields: [Field] = []
    for index in call.arguments.indices {
      let name: String
      if call[index].isNamed {
        name = call.binder.source(call[index].range)
      } else {
        name = "\(index)"
      }
      fields.append(Field(name, try elementType(call, index)))
    }
    return call.call(Arrays.zip, call.arguments, .array(.structure(fields)))
  }

  static func sequence(_ call: CallBinder) throws -> Node {
    let types = call.arguments.prefix(2).map(\.type)
    guard let type = Coercion.common(types) else { throw call.misfit(1, phrase(types[0])) }
    let bounds = try call.arguments.prefix(2).map { try call.binder.converted($0, to: type) }
    if type.isInteger {
      guard call.count > 2 else {
        return call.call(Sequences.integers(hasStep: false), bounds, .array(type))
      }
      let step = try call.argument(2, to: type)
      return call.call(Sequences.integers(hasStep: true), bounds + [step], .array(type))
    }
    guard type == .date || type == .timestamp else {
      throw call.misfit(0, "integers, dates or timestamps")
    }
    let step = call.count > 2 ? call[2] : dayStep(call)
    guard step.type.isInterval else { throw call.misfit(2, "an interval") }
    return call.call(Sequences.times(of: type, step: step.type), bounds + [step], .array(type))
  }

  private static func dayStep(_ call: CallBinder) -> Node {
    Node(
      .constant(Column([86_400_000_000 as Int64], as: .dayTimeInterval)), .dayTimeInterval,
      range: call.range)
  }
}

enum MapBinding {
  static func types(_ call: CallBinder, _ index: Int) throws -> (DataType, DataType) {
    guard case .map(let key, let value) = call[index].type else {
      throw call.misfit(index, "a map")
    }
    return (key, value)
  }

  static func make(_ call: CallBinder) throws -> Node {
    guard call.count % 2 == 0 else {
      throw call.failure("map() takes keys and values in turn", hint: "map('a', 1, 'b', 2)")
    }
    let keys = call.arguments.indices.filter { $0 % 2 == 0 }.map { call[$0].type }
    let values = call.arguments.indices.filter { $0 % 2 == 1 }.map { call[$0].type }
    guard let key = call.count == 0 ? .void : Coercion.common(keys),
      let value = call.count == 0 ? .void : Coercion.common(values)
    else { throw call.failure("the keys of a map have one type, and so have the values") }
    let type = DataType.map(key: key, value: value)
    if call.count == 0 {
      return Node(.constant(Column(type, values: [.list([])])), type, range: call.range)
    }
    let arguments = try call.arguments.enumerated().map { index, node in
      try call.binder.converted(node, to: index % 2 == 0 ? key : value)
    }
    return call.call(Maps.make, arguments, type)
  }

  static func parse(_ call: CallBinder) throws -> Node {
    let text = try call.argument(0, .text)
    let delimiters = try [",", ":"].enumerated().map { index, usual in
      index + 1 < call.count
        ? try call.argument(index + 1, .text)
        : Node(.constant(Column([usual])), .string, range: call.range)
    }
    let patterns = try delimiters.map { try RegexBinding.constant($0, call.binder) }
    let kernel = Maps.parse(pairs: patterns[0], keys: patterns[1])
    return call.call(kernel, [text] + delimiters, .map(key: .string, value: .string))
  }

  static func namedStruct(_ call: CallBinder) throws -> Node {
    guard call.count % 2 == 0 else {
      throw call.failure(
        "named_struct() takes names and values in turn", hint: "named_struct('a', 1)")
    }
    var fields: [Field] = []
    var values: [Node] = []
    for index in stride(from: 0, to: call.count, by: 2) {
      guard let name = call.constantText(index) else {
        throw call.failure("the name of a field is a text", call[index].range)
      }
      fields.append(Field(name, call[index + 1].type))
      values.append(call[index + 1])
    }
    return call.call(Maps.makeStruct, values, .structure(fields))
  }

  /// `struct(a, b AS c, st.*)`: names as columns have them, else `col1`, `col2`.
  static func structure(
    _ binder: inout Binder, _ call: Syntax.Call, _ range: Range<Int>
  ) throws -> Node {
    var fields: [Field] = []
    var values: [Node] = []
    for argument in call.arguments {
      if case .star(let of?, let except) = argument.kind {
        let base = binder.shared(try binder.bind(of))
        guard case .structure(let members) = base.type else {
          throw binder.failure(
            "\(binder.describe(base)) is \(phrase(base.type)): it has no fields", of.range)
        }
        for member in members where !except.contains(where: { sameName($0, member.name) }) {
          fields.append(member)
          values.append(try binder.member(member.name, of: base, argument.range))
        }
        continue
      }
      let value = try binder.bind(argument)
      let name: String =
        switch argument.kind {
        case .aliased(_, let alias): alias
        case .name(let name), .field(_, let name): name
        default: "col\(fields.count + 1)"
        }
      fields.append(Field(name, value.type))
      values.append(value)
    }
    return binder.call(Maps.makeStruct, values, .structure(fields), range)
  }
}
