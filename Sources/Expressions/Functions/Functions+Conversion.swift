import Columnar

extension Function {
  private static func cast(_ name: String, _ type: DataType) -> Function {
    Function(
      name, in: .conversion, "\(name)(value)", "cast(value AS \(type))", "\(name)(NULL)",
      count: 1...1
    ) { call in
      try call.binder.cast(
        call[0], to: TypeSyntax(type: type, range: call.range), isTrying: false, call.range)
    }
  }

  static let conversionFunctions: [Function] = [
    cast("boolean", .boolean), cast("tinyint", .tinyint), cast("smallint", .smallint),
    cast("int", .int), cast("bigint", .bigint), cast("float", .float), cast("double", .double),
    cast("decimal", .decimal(precision: 10, scale: 0)), cast("string", .string),
    cast("binary", .binary), cast("date", .date), cast("timestamp", .timestamp),
    Function(
      "typeof", in: .other, "typeof(value)", "the name of its type", "typeof(1.5)", count: 1...1
    ) { call in
      Node(.constant(Column([call[0].typeName])), .string, range: call.range)
    },
    Function(
      "version", in: .other, "version()", "the version", "version() IS NOT NULL", count: 0...0
    ) { call in
      Node(.constant(Column(["stream-tools"])), .string, range: call.range)
    },
  ]
}

extension Binder {
  func cast(
    _ node: Node, to target: TypeSyntax, isTrying: Bool, _ range: Range<Int>
  ) throws -> Node {
    if node.type == target.type, node.annotation == target.annotation { return node }
    if let special = specialTime(node, target, range) { return special }
    guard let kernel = Cast.kernel(of: node, to: target), allowsZone(node, target)
    else {
      let text = source(node.range)
      throw failure(
        "\(describe(node)) is \(phrase(node.type)), which has no cast to "
          + (target.annotation?.typeName ?? target.type.description), range,
        hint: Cast.advice(from: node.type, to: target.type, text))
    }
    return call(
      kernel, [node], target.type, annotation: target.annotation, isTrying: isTrying, range)
  }

  /// `cast('now' AS timestamp)` and other words that stand for a time, as constants only.
  private func specialTime(_ node: Node, _ target: TypeSyntax, _ range: Range<Int>) -> Node? {
    guard target.type == .timestamp || target.type == .date, node.type == .string,
      let text = node.constant, !text.isNull(0)
    else { return nil }
    return specialTime(
      String(text.strings.string(0).trimmed), target.type, annotation: target.annotation, range)
  }

  func specialTime(
    _ word: String, _ type: DataType, annotation: TypeAnnotation?, _ range: Range<Int>
  ) -> Node? {
    let now = Node(.now, .timestamp, range: range)
    let today = { (days: Int32) -> Node? in
      guard let kernel = Cast.kernel(from: .timestamp, to: .date) else { return nil }
      let date = call(kernel, [now], .date, range)
      let step = Node(.constant(Column([days])), .int, range: range)
      return call(TimeMath.addDays(isAdding: true), [date, step], .date, range)
    }
    let found: Node?
    switch word.lowercased() {
    case "epoch": found = Node(.constant(Column(.date, values: [.integer(0)])), .date, range: range)
    case "now": found = now
    case "today": found = today(0)
    case "tomorrow": found = today(1)
    case "yesterday": found = today(-1)
    default: return nil
    }
    guard let found else { return nil }
    if found.type == type { return found }
    return Cast.kernel(from: found.type, to: type).map {
      call($0, [found], type, annotation: annotation, range)
    }
  }

  /// Numbers are moments, and a timestamp without a zone is none.
  private func allowsZone(_ node: Node, _ target: TypeSyntax) -> Bool {
    let isZoneless = target.annotation == .zoneless || node.annotation == .zoneless
    return !isZoneless || !(node.type.isNumeric || target.type.isNumeric)
  }
}
