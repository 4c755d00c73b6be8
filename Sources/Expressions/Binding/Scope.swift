package import Columnar
import Diagnostics

/// The names that an expression may use: the columns of its input, and what qualifies them.
package struct Scope: Sendable {
  package struct Column: Sendable {
    /// `l` in `l.ts`, for the sides of a join.
    package let qualifier: String?
    package let field: Field

    package init(_ field: Field, qualifier: String? = nil) {
      self.field = field
      self.qualifier = qualifier
    }
  }

  /// In the order of the batch that the expression will be evaluated over.
  package let columns: [Column]
  /// The variables of the lambdas around a place, the innermost last.
  var variables: [Field] = []

  package init(_ columns: [Column]) { self.columns = columns }

  package init(_ schema: Schema) { columns = schema.fields.map { Column($0) } }

  enum Match {
    case found(Int, DataType)
    case variable(Int, DataType)
    case ambiguous
    case missing
  }

  /// Looks for a variable, then for a column: as it is spelt, else by its letters alone.
  func match(_ name: String, qualifier: String? = nil) -> Match {
    if qualifier == nil, let variable = variables.lastIndex(where: { sameName($0.name, name) }) {
      return .variable(variable, variables[variable].type)
    }
    let folded = columns.indices.filter { index in
      guard sameName(columns[index].field.name, name) else { return false }
      guard let qualifier else { return true }
      return columns[index].qualifier.map { sameName($0, qualifier) } ?? false
    }
    let exact = folded.filter { columns[$0].field.name == name }
    let matches = exact.isEmpty ? folded : exact
    guard let only = matches.first else { return .missing }
    guard matches.count == 1 else { return .ambiguous }
    return .found(only, columns[only].field.type)
  }

  func hasQualifier(_ name: String) -> Bool {
    columns.contains { $0.qualifier.map { sameName($0, name) } ?? false }
  }

  var names: [String] { columns.map(\.field.name) }
}

/// ` (did you mean 'device'?)`, or nothing: a single letter is no misspelling.
func suggestion(for name: String, among names: some Sequence<String>) -> String {
  guard name.count > 1, let guess = nearest(to: name, among: names) else { return "" }
  return " (did you mean '\(guess)'?)"
}

/// Whether names differ by case at most.
func sameName(_ left: String, _ right: String) -> Bool {
  left == right || left.lowercased() == right.lowercased()
}

/// The index of a field: as it is spelt, else by its letters alone.
func fieldIndex(_ name: String, in fields: [Field]) -> Int? {
  fields.firstIndex { $0.name == name } ?? fields.firstIndex { sameName($0.name, name) }
}
