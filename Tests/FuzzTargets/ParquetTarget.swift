import Columnar
import Parquet

/// Reads a file from memory as an input does, up to a bound: a few bytes may stand for very many
/// rows.
func readParquet(_ bytes: [UInt8]) {
  guard let file = try? ParquetFile(Buffer(bytes)) else { return }
  for group in file.rowGroups {
    for column in file.columns {
      _ = group.bounds(of: [column.name])
      for value in [Value.integer(1), .string("x"), .double(1), .decimal(5), .boolean(true)] {
        for comparison in ColumnCondition.Comparison.allCases {
          _ = group.mayHold(.column(ColumnCondition([column.name], comparison, value)))
        }
      }
    }
  }
  read(file, file.columns)
  for column in file.columns { read(file, [column]) }
}

private func read(_ file: ParquetFile, _ columns: [SchemaNode]) {
  guard let rows = try? ParquetRows(file, columns: columns) else { return }
  var batchCount = 0
  while batchCount < 4, let batch = try? rows.next() {
    batchCount += 1
    precondition(batch.rowCount > 0)
    for row in 0..<min(batch.rowCount, 20) { _ = batch.row(row) }
    _ = batch.row(batch.rowCount - 1)
  }
}

/// Files of ours, without checksums, which would hide all else, and of others.
func parquetSeeds() -> [[UInt8]] {
  let schema = Schema([
    Field("a", .bigint), Field("b", .string), Field("c", .array(.structure([Field("d", .double)]))),
    Field("m", .map(key: .string, value: .int)), Field("e", .decimal(precision: 20, scale: 3)),
    Field("t", .timestamp), Field("z", .boolean),
  ])
  let batch = Batch(
    schema: schema,
    columns: [
      Column([1, nil, 3] as [Int64?]), Column(["x", nil, "a longer string"]),
      Column(
        schema.fields[2].type,
        values: [.list([.structure([.double(1)]), .null]), .null, .list([])]),
      Column(
        schema.fields[3].type,
        values: [.list([.structure([.string("k"), .integer(1)])]), .null, .list([])]),
      Column(schema.fields[4].type, values: [.decimal(5), .null, .decimal(-7)]),
      Column(.timestamp, values: [.integer(0), .null, .integer(1)]), Column([true, nil, false]),
    ])
  var seeds: [[UInt8]] = []
  for compression in [PageCompression.none, .zstd(level: 1)] {
    var layout = ParquetLayout()
    layout.compression = compression
    layout.hasChecksums = false
    layout.groupRowCount = 2
    var bytes = MutableBuffer<UInt8>()
    do throws(ParquetError) {
      let writer = try ParquetWriter(schema, layout)
      writer.begin(into: &bytes)
      try writer.write(batch, into: &bytes)
      writer.end(into: &bytes)
    } catch {
      preconditionFailure("a fuzz target's own rows are good: \(error)")
    }
    seeds.append(bytes.take().elements)
  }
  return seeds + parquetSeedTexts.map(bytes(ofHexadecimal:))
}

private func bytes(ofHexadecimal text: String) -> [UInt8] {
  let digits = text.compactMap { $0.hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}
