import Columnar
import Diagnostics

extension Binder {
  func column(_ name: String, _ range: Range<Int>) throws -> Node {
    switch scope.match(name) {
    case .found(let index, let type): return Node(.column(index), type, range: range)
    case .variable(let index, let type): return Node(.variable(index), type, range: range)
    case .ambiguous: throw ambiguous(name, range)
    case .missing: throw aggregates?.ungrouped(name, range, self) ?? missingColumn(name, range)
    }
  }

  private func ambiguous(_ name: String, _ range: Range<Int>) -> StreamError {
    let qualifiers = scope.columns.filter { sameName($0.field.name, name) }.compactMap(\.qualifier)
    let hint = qualifiers.map { "\($0).\(name)" }.joined(separator: " or ")
    return failure(
      "several columns are called '\(name)'", range, hint: hint.isEmpty ? nil : "write \(hint)")
  }

  private func missingColumn(_ name: String, _ range: Range<Int>) -> StreamError {
    let names = scope.names + scope.variables.map(\.name)
    let guess = suggestion(for: name, among: names)
    let shown = names.count > 20 ? names.prefix(20) + ["… (\(names.count) in all)"] : names[...]
    let list =
      names.isEmpty ? "; there are no columns here" : "; columns: \(shown.joined(separator: ", "))"
    return failure(
      "no column '\(name)'\(guess)\(list)", range, hint: literalHint(name) ?? callHint(name))
  }

  /// For what Spark also calls without parentheses.
  private func callHint(_ name: String) -> String? {
    let calls: Set = [
      "current_catalog", "current_database", "current_path", "current_schema", "current_time",
      "current_user", "localtime", "session_user", "user",
    ]
    guard calls.contains(name.lowercased()), let refusal = Refusal.of(name.lowercased()) else {
      return nil
    }
    return [refusal.reason, refusal.hint].compactMap(\.self).joined(separator: "; ")
  }

  /// For words that look like another language's literals.
  private func literalHint(_ name: String) -> String? {
    guard let first = name.utf8.first, isDigit(first) else { return nil }
    let digits = name.filter { $0 != "_" }
    if Int(digits) != nil { return "a number has no '_': \(digits)" }
    if name.lowercased().hasPrefix("0x"), let value = Int64(name.dropFirst(2), radix: 16) {
      return "numbers are decimal: \(value)"
    }
    return nil
  }

  /// `base.name`: a member of a struct, of each struct of an array, an entry of a map, or a column
  /// of one side of a join.
  mutating func field(_ name: String, of base: Syntax, _ range: Range<Int>) throws -> Node {
    if case .name(let qualifier) = base.kind, scope.hasQualifier(qualifier) {
      switch scope.match(name, qualifier: qualifier) {
      case .found(let index, let type): return Node(.column(index), type, range: range)
      case .variable(let index, let type): return Node(.variable(index), type, range: range)
      case .ambiguous: throw ambiguous(name, range)
      case .missing:
        if case .missing = scope.match(qualifier) {
          let side = Scope(
            scope.columns.filter { $0.qualifier.map { sameName($0, qualifier) } ?? false })
          throw Binder(text: text, scope: side).missingColumn(name, range)
        }
      }
    }
    return try member(name, of: bind(base), range)
  }

  func member(_ name: String, of base: Node, _ range: Range<Int>) throws -> Node {
    switch base.type {
    case .structure(let fields):
      guard let index = fieldIndex(name, in: fields) else {
        throw missingField(name, fields, base, range)
      }
      return call(Members.field(index), [base], fields[index].type, range)
    case .array(.structure(let fields)):
      guard let index = fieldIndex(name, in: fields) else {
        throw missingField(name, fields, base, range)
      }
      return call(Members.fieldOfEach(index), [base], .array(fields[index].type), range)
    case .map(.string, let value):
      let key = Node(.constant(Column([name])), .string, range: range)
      return call(Members.entry, [base, key], value, range)
    default:
      throw failure(
        "\(describe(base)) is \(phrase(base.type)): it has no field '\(name)'", range)
    }
  }

  private func missingField(
    _ name: String, _ fields: [Field], _ base: Node, _ range: Range<Int>
  ) -> StreamError {
    let names = fields.map(\.name)
    let guess = suggestion(for: name, among: names)
    return failure(
      "no field '\(name)' in \(describe(base))\(guess); fields: \(names.joined(separator: ", "))",
      range)
  }

  /// `base[index]`.
  mutating func element(of base: Syntax, at index: Syntax, _ range: Range<Int>) throws -> Node {
    let base = try bind(base)
    let index = try bind(index)
    switch base.type {
    case .array(let element):
      guard index.type.isInteger || index.type == .void, let position = try coerced(index, to: .int)
      else {
        throw failure(
          "an index of an array is a number, but \(describe(index)) is \(phrase(index.type))",
          index.range)
      }
      return call(Members.element, [base, position], element, range)
    case .map(let key, let value):
      guard let wanted = try coerced(index, to: key) else {
        throw failure(
          "the keys of \(describe(base)) are \(key), but \(describe(index)) is \(phrase(index.type))",
          index.range)
      }
      return call(Members.entry, [base, wanted], value, range)
    case .structure(let fields):
      guard index.type == .string, let name = index.constant, !name.isNull(0) else {
        throw failure(
          "a field of a struct is named by a text: \(source(base.range))['\(fields.first?.name ?? "a")']",
          index.range)
      }
      return try member(name.strings.string(0), of: base, range)
    default:
      throw failure("\(describe(base)) is \(phrase(base.type)): it has no elements", range)
    }
  }
}
