package import Columnar
package import Diagnostics
package import Scalars

/// How the records of an input are to be read; what all formats share.
package struct ReadOptions: Sendable {
  /// What the records hold, as `--schema` says it; nil when it is to be inferred from a sample.
  package var schema: Schema?
  /// What is to come out (`--columns`); nil for every field of the schema. The rest is not parsed.
  package var columns: [ColumnSelection]?
  /// CSV: what stands between two fields; see ``parseDelimiter(_:)``.
  package var delimiter = UInt8(ascii: ",")
  /// CSV: whether each file begins with the names of its columns.
  package var hasHeader = true
  /// CSV: an unquoted field of this text is null, as an empty one is.
  package var nullText: String?
  /// How timestamps are written, in the letters of Spark's patterns; nil for RFC 3339 and the
  /// forms that Spark's cast takes.
  package var timestampFormat: String?
  /// The zone of a timestamp that has none.
  package var zone = TimeZone.utc
  /// The string column that takes a malformed record's text; its other columns are then null
  /// wherever they cannot be read. nil: a malformed record is no row.
  package var corruptColumn: String?
  /// Whether ``ParsedBlock/rowOffsets`` are asked for.
  package var wantsRowOffsets = false

  package init() {}

  /// What comes out of records of this schema: the columns asked for, in their order, and the
  /// corrupt column behind them.
  ///
  /// - Throws: a usage error that names the column that is not there, or is there twice.
  package func selection(from record: Schema) throws(StreamError) -> [SelectedColumn] {
    var selected: [SelectedColumn] = []
    if let columns {
      for column in columns { selected.append(try column.resolved(in: record)) }
    } else {
      for field in record.fields where field.name != corruptColumn {
        selected.append(SelectedColumn(path: FieldPath(field.name), field: field))
      }
    }
    try refuseEqualNames(selected.map(\.field.name))
    return selected
  }

  /// The schema of what comes out of records of this schema.
  package func outputSchema(from record: Schema) throws(StreamError) -> Schema {
    var fields = try selection(from: record).map(\.field)
    if let corruptColumn { fields.append(Field(corruptColumn, .string)) }
    return Schema(fields)
  }

  /// The compiled ``timestampFormat``; nil where none is given.
  ///
  /// - Throws: a usage error with a caret under the letter that is wrong.
  package func timestampPattern() throws(StreamError) -> DateTimePattern? {
    guard let timestampFormat else { return nil }
    do throws(PatternError) {
      let pattern = try DateTimePattern(timestampFormat)
      try pattern.requireParsable()
      return pattern
    } catch {
      let place = String(timestampFormat.prefix(error.offset)).utf8.count
      throw StreamError(
        .usage, "--timestamp-format: \(error.message)",
        excerpt: Excerpt(timestampFormat, place..<place))
    }
  }

  private func refuseEqualNames(_ names: [String]) throws(StreamError) {
    var seen = Set(corruptColumn.map { [$0] } ?? [])
    for name in names where !seen.insert(name).inserted {
      throw StreamError(
        .usage, "two columns would be called '\(name)'",
        hint: "name one of them: '\(name) AS other'")
    }
  }
}

/// A column that comes out of a parser, and where in a record it is found.
package struct SelectedColumn: Sendable, Equatable {
  /// Spelt as the schema spells it.
  package let path: FieldPath
  /// Its name in the output, and its type.
  package let field: Field

  package init(path: FieldPath, field: Field) {
    self.path = path
    self.field = field
  }
}

/// A way into a record: `user.id`, `tags[0]`.
package struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  package enum Step: Sendable, Hashable {
    /// A field of a struct or the value of a key of a map.
    case member(String)
    /// An element of an array, from 0.
    case element(Int)
  }

  /// The field of the record.
  package let head: String
  package let steps: [Step]

  package init(_ head: String, _ steps: [Step] = []) {
    self.head = head
    self.steps = steps
  }

  /// The last name on the way.
  package var lastName: String {
    for case .member(let name) in steps.reversed() { return name }
    return head
  }

  package var description: String {
    steps.reduce(head) { text, step in
      switch step {
      case .member(let name): "\(text).\(name)"
      case .element(let index): "\(text)[\(index)]"
      }
    }
  }
}

/// The byte that `--delimiter` names: one ASCII character, or an escape such as `\t`.
package func parseDelimiter(_ text: String) throws(StreamError) -> UInt8 {
  switch text {
  case "\\t", "tab": return UInt8(ascii: "\t")
  case "\\\\": return UInt8(ascii: "\\")
  default: break
  }
  let bytes = Array(text.utf8)
  guard bytes.count == 1, bytes[0] < 0x80, bytes[0] >= 0x20 || bytes[0] < 0x0A else {
    throw StreamError(.usage, "a delimiter is one ASCII character or '\\t', but found '\(text)'")
  }
  guard bytes[0] != UInt8(ascii: "\"") else {
    throw StreamError(.usage, "a double quote cannot be the delimiter: it quotes fields")
  }
  return bytes[0]
}
