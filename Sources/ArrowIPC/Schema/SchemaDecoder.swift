import Columnar

/// Reads the table `Schema` of a message or a file's footer.
///
/// Nothing stops a hostile message from referring to one field in a thousand places, or a field
/// from being its own child: depth and the work in all are limited by what an honest message of
/// its size can hold.
struct SchemaDecoder {
  /// How deep types may nest.
  static let maxDepth = 64

  private(set) var columns: [ColumnPlan] = []
  private(set) var metadata: [KeyValue] = []
  /// By id: the plan of a dictionary's values.
  private(set) var dictionaries: [Int64: ColumnPlan] = [:]
  private var budget: Int

  init(_ schema: FlatTable) throws(ArrowError) {
    // Each field takes more than 16 bytes of an honest message; paths repeat names.
    budget = 4096 + 16 * schema.bytes.count
    guard try schema.scalar(0, default: Int16(0)) == 0 else {
      throw .malformed("it is big-endian, which is not read")
    }
    metadata = try decodeMetadata(schema, slot: 2)
    if let fields = try schema.vector(1, stride: 4) {
      for index in 0..<fields.count {
        columns.append(try column(fields.table(index), parent: nil, depth: 1))
      }
    }
  }

  var schema: Schema { Schema(columns.map { Field($0.name, $0.type) }) }

  private mutating func column(
    _ table: FlatTable, parent: String?, depth: Int
  ) throws(ArrowError) -> ColumnPlan {
    let name = try table.string(0) ?? ""
    let path = parent.map { "\($0).\(name)" } ?? name
    budget -= 16 + path.utf8.count
    guard depth <= SchemaDecoder.maxDepth else {
      throw .malformed("types nest deeper than \(SchemaDecoder.maxDepth) levels")
    }
    guard budget >= 0 else { throw .malformed("a schema refers to its fields again and again") }
    var children: [ColumnPlan] = []
    if let fields = try table.vector(5, stride: 4) {
      for index in 0..<fields.count {
        children.append(try column(fields.table(index), parent: path, depth: depth + 1))
      }
    }
    let arrow = try TypeDecoder(path: path, tag: table.scalar(2, default: 0)).decode(table.table(3))
    let type = try DataType(arrow, of: path, children)
    let plan = ColumnPlan(path: path, name: name, arrow: arrow, type: type, children: children)
    guard let encoding = try table.table(4) else { return plan }
    return try indexed(plan, by: encoding)
  }

  /// A dictionary-encoded column: what stands in its place are indices.
  private mutating func indexed(
    _ values: ColumnPlan, by encoding: FlatTable
  ) throws(ArrowError) -> ColumnPlan {
    // One entry may stand for any number of bytes: nested ones could ask for memory without end.
    guard !values.type.isNested, values.type != .void else {
      throw .unsupported(column: values.path, type: "dictionary of \(values.type)")
    }
    let id = try encoding.scalar(0, default: Int64(0))
    var index = ArrowType.integer(bits: 32, isSigned: true)
    if let table = try encoding.table(1) {
      index = try TypeDecoder(path: values.path, tag: TypeTag.integer).decode(table)
    }
    if let known = dictionaries[id], known.arrow != values.arrow {
      throw .malformed("two columns share a dictionary of different types")
    }
    dictionaries[id] = values
    return ColumnPlan(
      path: values.path, name: values.name, arrow: index, type: values.type, children: [],
      dictionary: DictionaryPlan(id: id, values: values))
  }
}

/// Reads a vector of `KeyValue`; the last of several values of a key counts.
func decodeMetadata(_ table: FlatTable, slot: Int) throws(ArrowError) -> [KeyValue] {
  guard let pairs = try table.vector(slot, stride: 4) else { return [] }
  var metadata: [KeyValue] = []
  var budget = table.bytes.count
  for index in 0..<pairs.count {
    let pair = try pairs.table(index)
    let (key, value) = (try pair.string(0) ?? "", try pair.string(1) ?? "")
    budget -= 8 + key.utf8.count + value.utf8.count
    guard budget >= 0 else { throw .malformed("metadata refer to one text again and again") }
    metadata.append(KeyValue(key, value))
  }
  return metadata
}
