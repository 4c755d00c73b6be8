package import Columnar
import Diagnostics

/// An array or a map each of whose elements becomes a row.
package struct BoundExplosion: Sendable {
  package let expression: BoundExpression
  /// Whether the place of the element, from 0, comes first.
  package let hasPosition: Bool
  /// Whether a row without elements stays, with nulls.
  package let keepsEmpty: Bool
  /// Whether each field of the elements, which are structs, becomes a column.
  package let opensStructs: Bool
  /// What the elements are called: the position, if any, then the element, or key and value, or
  /// the fields.
  package let fields: [Field]
}

/// How a function that makes several rows of one does so.
private enum Generator {
  case explode(hasPosition: Bool, keepsEmpty: Bool)
  case inline(keepsEmpty: Bool)
  case stack

  static let named: [String: Generator] = [
    "explode": .explode(hasPosition: false, keepsEmpty: false),
    "explode_outer": .explode(hasPosition: false, keepsEmpty: true),
    "posexplode": .explode(hasPosition: true, keepsEmpty: false),
    "posexplode_outer": .explode(hasPosition: true, keepsEmpty: true),
    "inline": .inline(keepsEmpty: false), "inline_outer": .inline(keepsEmpty: true),
    "stack": .stack,
  ]

  var hasPosition: Bool {
    if case .explode(true, _) = self { true } else { false }
  }

  var keepsEmpty: Bool {
    switch self {
    case .explode(_, let keepsEmpty), .inline(let keepsEmpty): keepsEmpty
    case .stack: false
    }
  }

  var opensStructs: Bool {
    if case .explode = self { false } else { true }
  }
}

extension Expression {
  /// `split(value, ' ') AS word`, also inside `explode(…)`, `posexplode(…)`, `inline(…)` and their
  /// `_outer` kin, or `stack(…)`.
  ///
  /// - Throws: `StreamError` of kind usage unless it is an array or a map.
  package func bindExplosion(to schema: Schema) throws -> BoundExplosion {
    var inner = syntax
    var generator = Generator.explode(hasPosition: false, keepsEmpty: false)
    var binder = Binder(text: text, scope: Scope(schema))
    let root: Node
    if case .call(let call) = syntax.kind, let named = Generator.named[call.name.lowercased()] {
      generator = named
      if case .stack = named {
        root = try binder.stack(call, syntax.range)
      } else {
        guard call.arguments.count == 1 else {
          throw StreamError(
            .usage, "\(call.name)() takes one \(named.opensStructs ? "array" : "array or map")",
            excerpt: Excerpt(text, syntax.range))
        }
        inner = call.arguments[0]
        root = try binder.bind(inner)
      }
    } else {
      root = try binder.bind(inner)
    }
    return BoundExplosion(
      expression: BoundExpression(root: root, text: text, name: source),
      hasPosition: generator.hasPosition, keepsEmpty: generator.keepsEmpty,
      opensStructs: generator.opensStructs,
      fields: try named(generator.fields(of: root.type, inner, self)))
  }

  /// The columns under the names that stand behind AS, if any do.
  private func named(_ fields: [Field]) throws -> [Field] {
    guard !aliases.isEmpty else { return fields }
    guard aliases.count == fields.count else {
      throw StreamError(
        .usage,
        "'\(source)' gives \(fields.count) columns, but \(aliases.count) "
          + (aliases.count == 1 ? "name is given" : "names are given"),
        excerpt: Excerpt(text, syntax.range),
        hint: "AS (\(fields.map(\.name).joined(separator: ", ")))")
    }
    return zip(fields, aliases).map { Field($1, $0.type) }
  }

  /// A list for `--select`, in which `*`, `st.*` and `* EXCEPT (a)` stand for all that there are.
  package static func bindList(
    _ expressions: [Expression], to schema: Schema
  ) throws -> [BoundExpression] {
    try expressions.flatMap { expression -> [BoundExpression] in
      guard case .star(let of, let except) = expression.syntax.kind else {
        return [try expression.bind(to: schema)]
      }
      var binder = Binder(text: expression.text, scope: Scope(schema))
      return try binder.star(of: of, except: except, expression)
    }
  }
}

extension Generator {
  func fields(of type: DataType, _ inner: Syntax, _ expression: Expression) throws -> [Field] {
    let elements: [Field]
    switch (type, opensStructs) {
    case (.array(.structure(let fields)), true): elements = fields
    case (.array(let element), false): elements = [Field("col", element)]
    case (.map(let key, let value), false): elements = [Field("key", key), Field("value", value)]
    default:
      let source = String(decoding: Array(expression.text.utf8)[inner.range], as: UTF8.self)
      throw StreamError(
        .usage,
        opensStructs
          ? "inline() takes an array of structs, but '\(source)' is \(phrase(type))"
          : "only an array or a map can be exploded, but '\(source)' is \(phrase(type))",
        excerpt: Excerpt(expression.text, inner.range),
        hint: type == .string && !opensStructs
          ? "split(\(source), ',') makes an array of a text" : nil)
    }
    return (hasPosition ? [Field("pos", .int)] : []) + elements
  }
}

extension Binder {
  /// `stack(2, a, b, c)`: two rows, whose columns are a and b, c and null.
  ///
  /// - Returns: an array of structs.
  fileprivate mutating func stack(_ call: Syntax.Call, _ range: Range<Int>) throws -> Node {
    let nodes = try call.arguments.map { try bind($0) }
    guard nodes.count > 1 else {
      throw failure(
        "\(call.name)() needs the number of rows and values", range, hint: "stack(2, a, b, c, d)")
    }
    guard nodes[0].type == .int, case .integer(let count)? = nodes[0].constant?.value(0),
      1...1000 ~= count
    else {
      throw failure(
        "\(call.name)() needs a constant number of rows from 1 to 1000", nodes[0].range,
        hint: "stack(2, a, b, c, d)")
    }
    let (values, rowCount) = (nodes.dropFirst(), Int(count))
    let width = (values.count + rowCount - 1) / rowCount
    let missing = (values.count..<width * rowCount).map { _ in Node.null(.void, range: range) }
    let grid = Array(values) + missing
    let columns = try (0..<width).map { column in
      let cells = (0..<rowCount).map { grid[$0 * width + column] }
      return try CallBinder(self, name: call.name, arguments: cells, range: range)
        .unified(readsText: false).nodes
    }
    let rows = try (0..<rowCount).map { row in
      try made(
        "named_struct",
        (0..<width).flatMap { column in
          [
            Node(.constant(Column(["col\(column)"])), .string, range: range),
            columns[column][row],
          ]
        }, range)
    }
    return try made("array", rows, range)
  }

  /// What a function of the table makes of nodes.
  private func made(_ name: String, _ arguments: [Node], _ range: Range<Int>) throws -> Node {
    guard case .scalar(let bind)? = FunctionTable.byName[name]?.meaning else {
      preconditionFailure("a function of the table")
    }
    return try bind(CallBinder(self, name: name, arguments: arguments, range: range))
  }

  fileprivate mutating func star(
    of: Syntax?, except: [String], _ expression: Expression
  ) throws -> [BoundExpression] {
    let range = expression.syntax.range
    let base = try of.map { shared(try bind($0)) }
    let fields: [Field]
    switch base?.type {
    case nil: fields = scope.columns.map(\.field)
    case .structure(let members): fields = members
    case let type?:
      throw failure("'\(source(of?.range ?? range))' is \(phrase(type)): it has no fields", range)
    }
    for name in except where fieldIndex(name, in: fields) == nil {
      let guess = suggestion(for: name, among: fields.map(\.name))
      throw failure(
        "no column '\(name)'\(guess); columns: \(fields.map(\.name).joined(separator: ", "))", range
      )
    }
    return try fields.enumerated().compactMap { index, field in
      if except.contains(where: { sameName($0, field.name) }) { return nil }
      let node =
        try base.map { try member(field.name, of: $0, range) }
        ?? Node(.column(index), field.type, range: range)
      return BoundExpression(
        root: node, text: text, name: field.name)
    }
  }
}
