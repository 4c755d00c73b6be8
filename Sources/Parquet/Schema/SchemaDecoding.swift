import Columnar

/// Makes the tree of columns from the list that a file's metadata hold.
struct SchemaDecoder {
  private let elements: [SchemaElement]
  private var next = 1
  private var columnCount = 0
  private var pathByteCount = 0

  static let depthMax = 64
  /// Of the paths of all columns: each repeats the names of the groups that it is in.
  static let pathByteCountMax = 64 << 20
  /// Each costs memory for every row group.
  static let columnCountMax = 100_000

  /// - Returns: the columns, and how many chunks a row group has.
  static func decode(
    _ elements: [SchemaElement]
  ) throws(ParquetError) -> (columns: [SchemaNode], chunkCount: Int) {
    guard let root = elements.first, root.physical == nil else {
      throw .malformed("it has no schema")
    }
    var decoder = SchemaDecoder(elements: elements)
    var columns: [SchemaNode] = []
    for _ in 0..<root.childCount {
      columns.append(try decoder.node(below: nil, SchemaNode.Levels(), depth: 1))
    }
    guard decoder.next == elements.count else { throw .malformed("its schema is no tree") }
    return (columns, decoder.columnCount)
  }

  private init(elements: [SchemaElement]) { self.elements = elements }

  private mutating func take() throws(ParquetError) -> SchemaElement {
    guard next < elements.count else { throw .malformed("its schema is no tree") }
    defer { next += 1 }
    return elements[next]
  }

  /// The next node, with what it stands for.
  ///
  /// - Parameters:
  ///   - parent: the path of the group that it is in.
  ///   - outer: the levels of that group.
  private mutating func node(
    below parent: String?, _ outer: SchemaNode.Levels, depth: Int
  ) throws(ParquetError) -> SchemaNode {
    let element = try take()
    let path = try path(of: element.name, below: parent)
    guard element.repetition == .repeated else {
      return try value(element, path, SchemaDecoder.inner(element, outer), depth)
    }
    // A repeated field outside of a list is a list of its own, that is never null.
    var levels = outer
    levels.elementDefinition = outer.definition + 1
    let inside = SchemaDecoder.elementLevels(levels)
    let repeated = try value(element, path, inside, depth)
    return SchemaNode(
      name: element.name, path: path, type: .array(repeated.type), kind: .list(repeated),
      levels: levels)
  }

  private mutating func path(
    of name: String, below parent: String?
  ) throws(ParquetError) -> String {
    guard let parent else { return name }
    pathByteCount += parent.utf8.count + name.utf8.count
    guard pathByteCount <= SchemaDecoder.pathByteCountMax else {
      throw .malformed("the names in its schema are too long")
    }
    return "\(parent).\(name)"
  }

  /// The levels of a field that is not repeated.
  private static func inner(
    _ element: SchemaElement, _ outer: SchemaNode.Levels
  ) -> SchemaNode.Levels {
    var levels = outer
    levels.definition += element.repetition == .optional ? 1 : 0
    return levels
  }

  /// The levels of what a list repeats.
  private static func elementLevels(_ list: SchemaNode.Levels) -> SchemaNode.Levels {
    SchemaNode.Levels(
      definition: list.elementDefinition, slotDefinition: list.elementDefinition,
      slotRepetition: list.slotRepetition + 1)
  }

  /// What an element is, apart from being repeated. All that is deeper comes through here.
  private mutating func value(
    _ element: SchemaElement, _ path: String, _ levels: SchemaNode.Levels, _ depth: Int
  ) throws(ParquetError) -> SchemaNode {
    guard depth < SchemaDecoder.depthMax else { throw .malformed("its schema is too deep") }
    guard element.physical == nil else { return try leaf(element, path, levels) }
    guard element.childCount > 0 else {
      throw .unsupported(column: path, "is a group without fields, which is not read")
    }
    switch element.logicalType {
    case .list where element.childCount == 1 && nextIsRepeated:
      return try list(element, path, levels, depth)
    case .map where element.childCount == 1 && nextIsRepeated:
      return try map(element, path, levels, depth)
    default: return try structure(element, path, levels, depth)
    }
  }

  private var nextIsRepeated: Bool {
    next < elements.count && elements[next].repetition == .repeated
  }

  private mutating func leaf(
    _ element: SchemaElement, _ path: String, _ levels: SchemaNode.Levels
  ) throws(ParquetError) -> SchemaNode {
    let type = try LeafType(element, path: path)
    columnCount += 1
    guard columnCount <= SchemaDecoder.columnCountMax else {
      throw .malformed("it has more than \(SchemaDecoder.columnCountMax) columns")
    }
    return SchemaNode(
      name: element.name, path: path, type: type.type, kind: .leaf(type, column: columnCount - 1),
      levels: levels)
  }

  private mutating func structure(
    _ element: SchemaElement, _ path: String, _ levels: SchemaNode.Levels, _ depth: Int
  ) throws(ParquetError) -> SchemaNode {
    var fields: [SchemaNode] = []
    for _ in 0..<element.childCount {
      fields.append(try node(below: path, levels, depth: depth + 1))
    }
    return SchemaNode(
      name: element.name, path: path,
      type: .structure(fields.map { Field($0.name, $0.type) }), kind: .structure(fields),
      levels: levels)
  }

  /// A list: a group with one repeated field, which is the element itself in files of old. Apache
  /// Parquet, "LogicalTypes", "Lists", with its rules for backward compatibility.
  private mutating func list(
    _ group: SchemaElement, _ path: String, _ outer: SchemaNode.Levels, _ depth: Int
  ) throws(ParquetError) -> SchemaNode {
    let repeated = try take()
    var levels = outer
    levels.elementDefinition = outer.definition + 1
    let inside = SchemaDecoder.elementLevels(levels)
    let isElement =
      repeated.physical != nil || repeated.childCount != 1 || repeated.name == "array"
      || repeated.name == "\(group.name)_tuple"
    let element: SchemaNode
    if isElement {
      element = try value(
        repeated, try self.path(of: repeated.name, below: path), inside, depth + 1)
    } else {
      element = try node(below: path, inside, depth: depth + 2)
    }
    return SchemaNode(
      name: group.name, path: path, type: .array(element.type), kind: .list(element),
      levels: levels)
  }

  private mutating func map(
    _ group: SchemaElement, _ path: String, _ outer: SchemaNode.Levels, _ depth: Int
  ) throws(ParquetError) -> SchemaNode {
    let repeated = try take()
    guard repeated.physical == nil, repeated.childCount == 2 else {
      throw .unsupported(column: path, "is a map without values, which is not read")
    }
    var levels = outer
    levels.elementDefinition = outer.definition + 1
    let inside = SchemaDecoder.elementLevels(levels)
    let key = try node(below: path, inside, depth: depth + 2)
    let value = try node(below: path, inside, depth: depth + 2)
    let entry = SchemaNode(
      name: repeated.name, path: path, type: .mapEntry(key: key.type, value: value.type),
      kind: .structure([key, value]), levels: inside)
    return SchemaNode(
      name: group.name, path: path, type: .map(key: key.type, value: value.type),
      kind: .map(entry: entry), levels: levels)
  }
}
