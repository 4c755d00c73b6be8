import Columnar

/// Puts the leaves of nested columns together again, by their levels.
///
/// An entry of a leaf is a slot of a node where the node's list, if it is in one, has an element
/// there (`slotDefinition`), and where the entry does not go on with a list that is further inside
/// (`slotRepetition`). Every node looks at one leaf's levels once.
struct Assembler {
  /// By the place of the leaf's chunk.
  let entries: [Int: LeafEntries]

  func column(_ node: SchemaNode) throws(ParquetError) -> Column {
    let entries = try entries(of: node)
    switch node.kind {
    case .leaf:
      let slots = Slots(entries, node.levels)
      // The validity of a leaf is that of its values.
      return entries.values.spread(over: slots.validity())
    case .structure(let fields): return try structure(node, fields, entries)
    case .list(let element):
      return try list(node, try column(element), entries)
    case .map(let entry):
      let pairs = try column(entry)
      guard case .structure(let fields, let count) = pairs.storage, fields[0].nullCount == 0 else {
        throw .column(node.path, "a map has a null key")
      }
      guard case .map(let key, let value) = node.type else { return pairs }
      let named = Column(.mapEntry(key: key, value: value), .structure(fields, count: count))
      return try list(node, named, entries)
    }
  }

  private func entries(of node: SchemaNode) throws(ParquetError) -> LeafEntries {
    guard let column = node.firstLeaf.column, let found = entries[column] else {
      throw .malformed("the column '\(node.path)' has no chunk")
    }
    return found
  }

  private func structure(
    _ node: SchemaNode, _ fields: [SchemaNode], _ entries: LeafEntries
  ) throws(ParquetError) -> Column {
    let validity = Slots(entries, node.levels).validity()
    var columns: [Column] = []
    for field in fields {
      let column = try column(field)
      guard column.count == validity.count else { throw disagreement(node) }
      columns.append(column)
    }
    return Column(node.type, .structure(columns, count: validity.count), validity: validity)
  }

  private func list(
    _ node: SchemaNode, _ elements: Column, _ entries: LeafEntries
  ) throws(ParquetError) -> Column {
    let slots = Slots(entries, node.levels)
    let validity = slots.validity()
    let offsets = slots.offsets(count: validity.count)
    guard Int(offsets[validity.count]) == elements.count else { throw disagreement(node) }
    return Column(node.type, .list(offsets: offsets, elements: elements), validity: validity)
  }

  private func disagreement(_ node: SchemaNode) -> ParquetError {
    .malformed("the leaves of the column '\(node.path)' do not fit together")
  }
}

/// The entries that are slots of a node.
private struct Slots {
  let entries: LeafEntries
  let levels: SchemaNode.Levels

  init(_ entries: LeafEntries, _ levels: SchemaNode.Levels) {
    self.entries = entries
    self.levels = levels
  }

  /// A bit for each slot: the node is not null there.
  func validity() -> Bitmap {
    let definitions = entries.definitions.span
    let (least, slot) = (UInt8(levels.definition), UInt8(levels.slotDefinition))
    var bits = BitmapBuilder(capacity: definitions.count)
    guard let repetitions = entries.repetitions?.span else {
      for index in definitions.indices { bits.append(definitions[index] >= least) }
      return bits.take()
    }
    let depth = UInt8(levels.slotRepetition)
    for index in definitions.indices
    where definitions[index] >= slot && repetitions[index] <= depth {
      bits.append(definitions[index] >= least)
    }
    return bits.take()
  }

  /// Where the elements of each list begin and end.
  ///
  /// - Parameter count: of slots.
  func offsets(count: Int) -> Buffer<Int32> {
    let definitions = entries.definitions.span
    let slot = UInt8(levels.slotDefinition)
    let (element, depth) = (UInt8(levels.elementDefinition), UInt8(levels.slotRepetition))
    guard let repetitions = entries.repetitions?.span else {
      return Buffer(repeating: 0, count: count + 1)
    }
    return Buffer(count: count + 1) { output in
      var total: Int32 = 0
      for index in definitions.indices {
        let (definition, repetition) = (definitions[index], repetitions[index])
        if definition >= slot, repetition <= depth { output.append(total) }
        if definition >= element, repetition <= depth &+ 1 { total &+= 1 }
      }
      output.append(total)
    }
  }
}
