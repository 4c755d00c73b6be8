package import Columnar

/// A column of a file, or a part of one, with its levels. Apache Parquet, "Nested Encoding".
package final class SchemaNode: Sendable {
  enum Kind: Sendable {
    /// - Parameter column: the place of its chunks in a row group.
    case leaf(LeafType, column: Int)
    case structure([SchemaNode])
    case list(SchemaNode)
    /// - Parameter entry: a struct of key and value.
    case map(entry: SchemaNode)
  }

  package let name: String
  /// From the root, for errors: `user.tags`.
  package let path: String
  package let type: DataType
  let kind: Kind
  let levels: Levels

  /// Which entries of its leaves belong to a node.
  struct Levels: Sendable {
    /// From this definition level on the node is not null.
    var definition = 0
    /// Entries are slots of the node where their definition level is at least so high: there is an
    /// element of the list that the node is in.
    var slotDefinition = 0
    /// … and where their repetition level is at most this one: how many lists the node is in.
    var slotRepetition = 0
    /// For lists and maps: from this definition level on there is an element.
    var elementDefinition = 0
  }

  init(name: String, path: String, type: DataType, kind: Kind, levels: Levels) {
    self.name = name
    self.path = path
    self.type = type
    self.kind = kind
    self.levels = levels
  }

  /// The leaves, in the order of their chunks.
  var leaves: [SchemaNode] {
    switch kind {
    case .leaf: [self]
    case .structure(let fields): fields.flatMap(\.leaves)
    case .list(let element): element.leaves
    case .map(let entry): entry.leaves
    }
  }

  /// The first leaf, whose levels tell where the node has values.
  var firstLeaf: SchemaNode {
    var node = self
    while true {
      switch node.kind {
      case .leaf: return node
      case .structure(let fields): node = fields[0]
      case .list(let element): node = element
      case .map(let entry): node = entry
      }
    }
  }

  /// The place of a leaf's chunks in a row group; nil for a group.
  var column: Int? {
    if case .leaf(_, let column) = kind { column } else { nil }
  }

  /// A leaf that is not read, and why.
  package var unread: (path: String, type: String)? {
    for leaf in leaves {
      if case .leaf(let type, _) = leaf.kind, case .unread(let name) = type.conversion {
        return (leaf.path, name)
      }
    }
    return nil
  }

  /// A member of a struct.
  package func member(_ index: Int) -> SchemaNode? {
    guard case .structure(let fields) = kind, fields.indices.contains(index) else { return nil }
    return fields[index]
  }
}
