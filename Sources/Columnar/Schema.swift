/// A named, typed place for a value: a column of a batch or a member of a struct.
package struct Field: Hashable, Sendable {
  package var name: String
  package var type: DataType

  package init(_ name: String, _ type: DataType) {
    self.name = name
    self.type = type
  }
}

/// The columns of a batch, in order. Every column may hold nulls.
package struct Schema: Hashable, Sendable {
  package var fields: [Field]

  package init(_ fields: [Field]) { self.fields = fields }

  package var names: [String] { fields.map(\.name) }

  /// The column of that name; where none is spelt so, the one that differs by case alone.
  ///
  /// - Returns: nil when there is none, or when only case tells several from each other.
  package func index(of name: String) -> Int? {
    if let exact = fields.firstIndex(where: { $0.name == name }) { return exact }
    let folded = name.lowercased()
    let matches = fields.indices.filter { fields[$0].name.lowercased() == folded }
    return matches.count == 1 ? matches[0] : nil
  }
}

extension Schema: CustomStringConvertible {
  /// As `--schema` takes it: `ts timestamp, device string`.
  package var description: String {
    fields.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
  }
}
