internal import ArrowIPC
package import Columnar
internal import JSONText

/// What the rows of a state are made of. Every file of it says so in its schema.
package struct StateLayout: Sendable, Equatable {
  /// The key columns stand first.
  package let schema: Schema
  package let keyCount: Int
  /// Array columns of which a change holds only the elements that were added.
  package let appends: Set<Int>

  package init(schema: Schema, keyCount: Int, appends: Set<Int>) {
    self.schema = schema
    self.keyCount = keyCount
    self.appends = appends
  }

  private static let keysName = "stream.state.keys"
  private static let appendsName = "stream.state.appends"

  /// The metadata of the schema.
  var metadata: [KeyValue] {
    let names = appends.sorted().map { JSON.string(schema.fields[$0].name) }
    return [
      KeyValue(StateLayout.keysName, "\(keyCount)"),
      KeyValue(StateLayout.appendsName, JSON.array(names).text),
    ]
  }

  /// - Returns: nil when the metadata are not those of a state, or contradict the schema.
  init?(schema: Schema, metadata: [KeyValue]) {
    func value(_ key: String) -> String? { metadata.first { $0.key == key }?.value }
    guard let keyCount = value(StateLayout.keysName).flatMap({ Int($0) }), keyCount >= 0,
      keyCount <= schema.fields.count, let text = value(StateLayout.appendsName),
      let names = (try? JSON(parsing: text))?.array
    else { return nil }
    var appends: Set<Int> = []
    for name in names {
      guard let index = schema.fields.firstIndex(where: { name == .string($0.name) }),
        index >= keyCount, case .array = schema.fields[index].type
      else { return nil }
      appends.insert(index)
    }
    self.init(schema: schema, keyCount: keyCount, appends: appends)
  }

  /// How this layout, which was found, differs from what is wanted, in words; nil if it does not.
  func difference(from wanted: StateLayout) -> String? {
    if self == wanted { return nil }
    for (index, pair) in zip(schema.fields, wanted.schema.fields).enumerated()
    where pair.0 != pair.1 {
      return "column \(index + 1) is '\(StateLayout.text(pair.0))' in it, but "
        + "'\(StateLayout.text(pair.1))' in the query"
    }
    if schema.fields.count != wanted.schema.fields.count {
      return "it has \(schema.fields.count) columns (\(schema)), but "
        + "\(wanted.schema.fields.count) in the query (\(wanted.schema))"
    }
    if keyCount != wanted.keyCount {
      return "it has \(keyCount) key columns, but \(wanted.keyCount) in the query"
    }
    return "it collects \(names(appends)), but \(wanted.names(wanted.appends)) in the query"
  }

  private static func text(_ field: Field) -> String { "\(field.name) \(field.type)" }

  private func names(_ columns: Set<Int>) -> String {
    if columns.isEmpty { return "nothing" }
    return columns.sorted().map { "'\(schema.fields[$0].name)'" }.joined(separator: ", ")
  }
}
