package import Columnar
import Diagnostics

/// An expression of Spark SQL as it was written, checked for its grammar only.
package struct Expression: Sendable, Equatable {
  /// The whole text that it was part of: errors point into it.
  package let text: String
  package let syntax: Syntax
  /// The names behind AS: one, but for what gives several columns.
  package let aliases: [String]

  package var alias: String? { aliases.first }

  /// One expression, perhaps with a name: `n + 1`, `n + 1 AS m`.
  ///
  /// - Throws: `StreamError` of kind usage that points at the place.
  package static func parse(_ text: String) throws -> Expression {
    var parser = try Parser(text)
    let item = try parser.item()
    if parser.current.kind == .symbol(.comma) {
      throw parser.expected("one expression", hint: "give each expression an option of its own")
    }
    try parser.finish("an operator or the end")
    return item
  }

  /// One condition, or the conjunction of several.
  ///
  /// - Returns: nil for none.
  /// - Throws: as ``parse(_:)``.
  package static func parse(allOf texts: [String]) throws -> Expression? {
    guard texts.count > 1 else { return try texts.first.map { try parse($0) } }
    // Each by itself first: an error should show what was typed.
    for text in texts { _ = try parse(text) }
    return try parse(texts.map { "(\($0))" }.joined(separator: " AND "))
  }

  /// `a, b + 1 AS c, *`: for `--select`, `--by` and the like.
  package static func parseList(_ text: String) throws -> [Expression] {
    var parser = try Parser(text)
    let items = try parser.items()
    try parser.finish("an operator, ',' or the end")
    return items
  }

  /// `n DESC NULLS LAST, k`.
  package static func parseOrder(_ text: String) throws -> [SortKey] {
    var parser = try Parser(text)
    let keys = try parser.sortList()
    try parser.finish("DESC, NULLS, ',' or the end")
    return keys.map { key in
      SortKey(
        expression: Expression(text: text, syntax: key.expression, aliases: []),
        isDescending: key.isDescending, nullsFirst: key.nullsFirst)
    }
  }

  /// The part of the text that this expression is.
  package var source: String {
    String(decoding: Array(text.utf8)[syntax.range], as: UTF8.self)
  }
}

/// One key of an order.
package struct SortKey: Sendable, Equatable {
  package let expression: Expression
  package let isDescending: Bool
  package let nullsFirst: Bool
}

extension Schema {
  /// The columns that a text such as `ts timestamp, device string, m decimal(10,2)` names.
  ///
  /// - Throws: `StreamError` of kind usage that points at the place.
  package init(parsing text: String) throws {
    var parser = try Parser(text)
    let fields = try parser.fieldList()
    try parser.finish("',' or the end")
    self.init(fields)
  }
}

extension DataType {
  /// The type that a text such as `array<bigint>` names.
  package init(parsing text: String) throws {
    var parser = try Parser(text)
    self = try parser.typeSyntax().type
    try parser.finish("the end")
  }
}
