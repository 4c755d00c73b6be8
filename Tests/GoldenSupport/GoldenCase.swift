package import Columnar
import Expressions
package import JSONText

/// A streaming query of the reference: what it is, its input by epochs, and what came out.
package struct GoldenCase: Sendable, CustomStringConvertible {
  package let name: String
  /// `case.json`: inputs, nodes, epochs.
  package let definition: JSON
  private let files: [String: String]

  package static func all() throws -> [GoldenCase] {
    try GoldenFiles.lines("cases.ndjson.zst").map { line in
      var files: [String: String] = [:]
      for file in line["files"]?.members ?? [] { files[file.key] = file.value.string }
      let definition = try JSON(parsing: files["case.json"] ?? "")
      return GoldenCase(name: line["name"]?.string ?? "", definition: definition, files: files)
    }
  }

  package var description: String { name }

  package var mode: String { definition["output_mode"]?.string ?? "" }

  /// Whether the rows of an epoch stand in an order that means something.
  package var isOrdered: Bool { definition["ordered"]?.bool ?? false }

  package var outputColumns: [String] {
    definition["output_columns"]?.array?.compactMap(\.string) ?? []
  }

  package func steps(of node: String = "out") -> [JSON] {
    definition["nodes"]?[node]?.array ?? []
  }

  package var epochCount: Int { definition["epochs"]?.array?.count ?? 0 }

  package func schema(of input: String) throws -> Schema {
    let columns = definition["inputs"]?[input]?["columns"]?.array ?? []
    return Schema(
      try columns.map { column in
        Field(
          column["name"]?.string ?? "", try DataType(parsing: column["type"]?.string ?? ""))
      })
  }

  /// The text of a file, such as `epoch-001.ndjson` or `expected.ndjson`.
  package func text(_ file: String) -> String { files[file] ?? "" }

  package func rows(_ file: String) throws -> [JSON] {
    try GoldenFiles.lines(of: Array(text(file).utf8))
  }

  /// The rows of an input in one epoch, counted from 1.
  package func batch(of input: String, epoch: Int) throws -> Batch {
    let file = definition["epochs"]?[epoch - 1]?[input]?.string ?? ""
    return try Batch(goldenRows: rows(file), schema: schema(of: input))
  }

  /// What came out by epoch, in the order of the reference.
  package func expected(_ file: String = "expected.ndjson") throws -> [Int: [JSON]] {
    Dictionary(grouping: try rows(file)) { Int($0["_epoch"]?.int64 ?? 0) }
  }
}
