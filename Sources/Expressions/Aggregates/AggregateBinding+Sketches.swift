import Columnar

/// Sketches and bitmaps, which are kept as binaries.
extension AggregateBinding {
  func sketch(_ nodes: [Node]) throws -> Shape {
    let precision = try nodes.count > 1 ? size(nodes[1], in: 4...21) : 12
    let value: Node
    switch nodes[0].type {
    case .string, .binary, .bigint: value = nodes[0]
    case .tinyint, .smallint, .int, .void: value = try binder.converted(nodes[0], to: .bigint)
    default: throw misfit(nodes[0], "an integer, a string or a binary")
    }
    return Shape(arguments: [value], parameters: [.integer(precision)], type: .binary)
  }

  func sketchUnion(_ nodes: [Node]) throws -> Shape {
    let mixes = nodes.count > 1 ? try flag(nodes[1]) : false
    return Shape(
      arguments: [try binary(nodes[0], "a sketch, which is a binary")],
      parameters: [.boolean(mixes)], type: .binary)
  }

  func binary(_ node: Node, _ wanted: String) throws -> Node {
    guard node.type == .binary || node.type == .void else { throw misfit(node, wanted) }
    return try binder.converted(node, to: .binary)
  }

  func place(_ node: Node) throws -> Node {
    guard node.type.isInteger || node.type == .void else { throw misfit(node, "an integer") }
    return try binder.converted(node, to: .bigint)
  }
}
