package import Columnar
import Diagnostics

/// An array or a map each of whose elements becomes a row.
package struct BoundExplosion: Sendable {
  package let expression: BoundExpression
  /// Whether the place of the element, from 0, comes first.
  package let hasPosition: Bool
  /// Whether a row without elements stays, with nulls.
  package let keepsEmpty: Bool
  /// What the elements are called: the position, if any, then the element, or key and value.
  package let fields: [Field]
}

extension Expression {
  /// `split(value, ' ') AS word`, also inside `explode(…)`, `posexplode(…)` and their `_outer` kin.
  ///
  /// - Throws: `StreamError` of kind usage unless it is an array or a map.
  package func bindExplosion(to schema: Schema) throws -> BoundExplosion {
    var inner = syntax
    var (hasPosition, keepsEmpty) = (false, false)
    if case .call(let call) = syntax.kind, let form = Expression.explosions[call.name.lowercased()]
    {
      guard call.arguments.count == 1 else {
        throw StreamError(
          .usage, "\(call.name)() takes one array or map", excerpt: Excerpt(text, syntax.range))
      }
      inner = call.arguments[0]
      (hasPosition, keepsEmpty) = form
    }
    let bound = try Expression(text: text, syntax: inner, aliases: []).bind(to: schema)
    let elements: [Field]
    switch bound.type {
    case .array(let element): elements = [Field("col", element)]
    case .map(let key, let value): elements = [Field("key", key), Field("value", value)]
    default:
      throw StreamError(
        .usage, "only an array or a map can be exploded, but '\(source)' is \(phrase(bound.type))",
        excerpt: Excerpt(text, inner.range),
        hint: bound.type == .string ? "split(\(source), ',') makes an array of a text" : nil)
    }
    var fields = (hasPosition ? [Field("pos", .int)] : []) + elements
    if !aliases.isEmpty {
      guard aliases.count == fields.count else {
        throw StreamError(
          .usage,
          "'\(source)' gives \(fields.count) columns, but \(aliases.count) "
            + (aliases.count == 1 ? "name is given" : "names are given"),
          excerpt: Excerpt(text, syntax.range),
          hint: "AS (\(fields.map(\.name).joined(separator: ", ")))")
      }
      for index in fields.indices { fields[index].name = aliases[index] }
    }
    return BoundExplosion(
      expression: bound, hasPosition: hasPosition, keepsEmpty: keepsEmpty, fields: fields)
  }

  private static let explosions: [String: (hasPosition: Bool, keepsEmpty: Bool)] = [
    "explode": (false, false), "explode_outer": (false, true), "posexplode": (true, false),
    "posexplode_outer": (true, true),
  ]

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

extension Binder {
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
