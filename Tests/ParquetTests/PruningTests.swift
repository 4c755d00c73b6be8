import Columnar
import Parquet
import TestSupport
import Testing

@Suite("the statistics of row groups")
struct PruningTests {
  private static let types: [DataType] = [
    .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .string, .binary, .timestamp,
    .date, .decimal(precision: 9, scale: 2), .decimal(precision: 20, scale: 3),
  ]

  /// The slow twin looks at every row.
  @Test("never hide a row for which a condition is true", arguments: types)
  func soundness(type: DataType) throws {
    let schema = Schema([Field("x", type), Field("s", .structure([Field("x", type)]))])
    let batch = writtenBatch(schema, rowCount: 400, seed: 3)
    var layout = ParquetLayout()
    layout.groupRowCount = 4
    let file = try ParquetFile(file([batch], schema: schema, layout))
    var skippedCount = 0
    for (index, path) in [["x"], ["s", "x"]].enumerated() {
      let values = batch.columns[index].values.map { value -> Value in
        guard index == 1 else { return value }
        if case .structure(let fields) = value { return fields[0] }
        return .null
      }
      for comparison in ColumnCondition.Comparison.allCases {
        for probe in [3, 50, 77, 200].map({ values[$0] }) {
          let condition = ColumnCondition(path, comparison, probe)
          let kept = Set(file.groups(where: .column(condition)))
          skippedCount += file.rowGroups.count - kept.count
          for (row, value) in values.enumerated() where isTrue(value, comparison, probe) {
            #expect(kept.contains(row / 4))
          }
        }
      }
    }
    #expect(skippedCount > 0)
  }

  private func isTrue(
    _ value: Value, _ comparison: ColumnCondition.Comparison, _ probe: Value
  ) -> Bool {
    if comparison == .isNull { return value == .null }
    if comparison == .isNotNull { return value != .null }
    guard value != .null, probe != .null else { return false }
    let isLess = precedes(value, probe)
    switch comparison {
    case .startsWith:
      guard case .string(let text) = value, case .string(let prefix) = probe else { return false }
      return text.utf8.starts(with: prefix.utf8)
    case .less: return isLess
    case .lessOrEqual: return isLess || value == probe
    case .equal: return value == probe
    case .greaterOrEqual: return !isLess
    default: return !isLess && value != probe
    }
  }

  private func precedes(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): left < right
    case (.decimal(let left), .decimal(let right)): left < right
    case (.double(let left), .double(let right)): left < right
    case (.boolean(let left), .boolean(let right)): !left && right
    case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.binary(let left), .binary(let right)): left.lexicographicallyPrecedes(right)
    default: false
    }
  }

  @Test("of other programs are read", arguments: ["groups", "polars", "duckdb", "old"])
  func foreign(program: String) throws {
    let (bytes, _) = try foreignFile(program)
    let file = try ParquetFile(Buffer(bytes))
    for (index, node) in file.columns.enumerated() where !node.type.isNested {
      var known = 0
      for (number, group) in file.rowGroups.enumerated() {
        let rows = try ParquetRows(file, columns: [node], groups: [number])
        var values: [Value] = []
        while let batch = try rows.next() { values += batch.columns[0].values }
        guard let bounds = group.bounds(of: [node.name]) else { continue }
        if let count = bounds.nullCount { #expect(count == values.count { $0 == .null }) }
        for value in values where value != .null {
          if let low = bounds.min { #expect(!precedes(value, low), "\(node.name)") }
          if let high = bounds.max { #expect(!precedes(high, value), "\(node.name)") }
        }
        known += bounds.min == nil ? 0 : 1
      }
      if index == 0, program != "old" { #expect(known > 0) }
    }
  }

  @Test("keep NaN out of the bounds, and rows that may be NaN")
  func notANumber() throws {
    let schema = Schema([Field("x", .double)])
    let batch = Batch(schema: schema, columns: [Column([.nan, 1, -0.0] as [Double?])])
    let group = try ParquetFile(file([batch], schema: schema)).rowGroups[0]
    #expect(group.bounds(of: ["x"])?.min == .double(-0.0))
    #expect(group.bounds(of: ["x"])?.max == .double(1))
    #expect(group.mayHold(.column(ColumnCondition(["x"], .greater, .double(5)))))
    #expect(!group.mayHold(.column(ColumnCondition(["x"], .less, .double(-5)))))
    #expect(!group.mayHold(.column(ColumnCondition(["x"], .equal, .double(-5)))))
  }
}
