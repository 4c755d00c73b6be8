import Columnar
import Glibc
import Parquet
import TestSupport
import Testing

/// The types that a Parquet file holds.
let writtenTypes: [DataType] =
  someTypes.filter {
    ![.dayTimeInterval, .yearMonthInterval, .structure([])].contains($0)
  } + [
    .decimal(precision: 9, scale: 2), .decimal(precision: 18, scale: 0),
    .decimal(precision: 38, scale: 38), .array(.void), .array(.array(.boolean)),
    .map(
      key: .int,
      value: .structure([Field("x", .double), Field("y", .map(key: .string, value: .date))])),
    .structure([Field("s", .structure([Field("t", .array(.timestamp))]))]),
  ]

let writtenSchema = Schema(writtenTypes.enumerated().map { Field("c\($0) \($1)", $1) })

let compressions: [PageCompression] = [.none, .zstd(level: 1), .snappy, .gzip]

/// The bytes of a file of these batches.
func file(
  _ batches: [Batch], schema: Schema, _ layout: ParquetLayout = ParquetLayout()
) throws -> Buffer<UInt8> {
  let writer = try ParquetWriter(schema, layout)
  var bytes = MutableBuffer<UInt8>()
  writer.begin(into: &bytes)
  for batch in batches { try writer.write(batch, into: &bytes) }
  writer.end(into: &bytes)
  return bytes.take()
}

/// Values that all types have, within the digits of a decimal.
func writtenBatch(_ schema: Schema, rowCount: Int, seed: UInt64) -> Batch {
  let batch = randomBatch(schema, rowCount: rowCount, seed: seed)
  let columns = batch.columns.map { column -> Column in
    guard case .decimal(let precision, _) = column.type, precision < 20 else { return column }
    let values = column.values.map { value -> Value in
      if case .decimal(let unscaled) = value { .decimal(unscaled % 1_000_000_000) } else { value }
    }
    return Column(column.type, values: values)
  }
  return Batch(schema: schema, columns: columns, rowCount: rowCount)
}

@Suite("a Parquet file of ours")
struct RoundTripTests {
  @Test("is read once, though its pages are larger than what is read at a time")
  func consumption() throws {
    let schema = Schema([Field("a", .bigint)])
    var random = SplitMix64(seed: 3)
    let column = Column((0..<400_000).map { _ in Int64.random(in: .min ... .max, using: &random) })
    var layout = ParquetLayout()
    layout.compression = .none
    let bytes = try file(
      [Batch(schema: schema, columns: [column], rowCount: column.count)], schema: schema, layout)
    let scratch = ScratchDirectory()
    let descriptor = unsafe open("\(scratch.path)/a", O_CREAT | O_RDWR, 0o600)
    defer { close(descriptor) }
    #expect(unsafe write(descriptor, bytes.pointer, bytes.count) == bytes.count)
    let file = try ParquetFile(descriptor: descriptor)
    let rows = try ParquetRows(file, columns: file.columns)
    var read: [Column] = []
    while let batch = try rows.next() { read.append(batch.columns[0]) }
    #expect(Column.concatenating(read, type: .bigint).values == column.values)
    #expect(file.consumedCount <= Int64(bytes.count))
  }

  @Test("holds what was written", arguments: compressions, someCounts)
  func roundTrip(compression: PageCompression, count: Int) throws {
    var layout = ParquetLayout()
    layout.compression = compression
    let batch = writtenBatch(writtenSchema, rowCount: count, seed: UInt64(count))
    let bytes = try file([batch], schema: writtenSchema, layout)
    let file = try ParquetFile(bytes)
    #expect(file.schema == writtenSchema)
    #expect(file.rowCount == count)
    #expect(rows(try batches(bytes)) == rows([batch]))
  }

  @Test("holds row groups of the length that was asked for", arguments: [1, 7, 64, 100])
  func groups(rowCount: Int) throws {
    var layout = ParquetLayout()
    layout.groupRowCount = rowCount
    let sent = [3, 70, 0, 65].enumerated().map {
      writtenBatch(writtenSchema, rowCount: $1, seed: UInt64($0))
    }
    let bytes = try file(sent, schema: writtenSchema, layout)
    let file = try ParquetFile(bytes)
    #expect(file.rowGroups.dropLast().allSatisfy { $0.rowCount == rowCount })
    #expect(file.rowCount == 138)
    #expect(rows(try batches(bytes)) == rows(sent))
  }

  @Test("holds many rows, in pages and with dictionaries that were given up")
  func manyRows() throws {
    let count = 300_000
    let numbers = (0..<count).map { Int64($0) &* 0x1E37_79B9_7F4A_7C15 }
    let batch = Batch(
      schema: Schema([
        Field("different", .bigint), Field("few", .bigint), Field("text", .string),
        Field("list", .array(.int)),
      ]),
      columns: [
        Column(numbers), Column(numbers.map { $0 % 50 == 0 ? nil : $0 & 15 }),
        Column(numbers.map { "text \($0 & 0xFFFF)" }),
        Column(
          .array(.int),
          values: numbers.map { .list((0..<($0 & 3)).map { .integer($0) }) }),
      ])
    let bytes = try file([batch], schema: batch.schema)
    let read = try batches(bytes)
    let joined = Batch.concatenating(read, schema: batch.schema)
    #expect(joined.rowCount == count)
    for (left, right) in zip(joined.columns, batch.columns) {
      #expect(left.values == right.values)
    }
    // Numbers that are all different take 8 bytes each, few or repeated ones much less.
    #expect(bytes.count < count * 8 + count * 8)
  }

  @Test(
    "cannot hold what Parquet has no type for",
    arguments: [
      (DataType.dayTimeInterval, "is an interval day to second, which Parquet cannot hold"),
      (.array(.yearMonthInterval), "is an interval year to month, which Parquet cannot hold"),
      (.structure([]), "is a struct without fields, which Parquet cannot hold"),
    ])
  func unwritten(type: DataType, message: String) {
    let path = type.isNested && type != .structure([]) ? "a.element" : "a"
    #expect(throws: ParquetError.unsupported(column: path, message)) {
      try ParquetWriter(Schema([Field("a", type)]))
    }
  }

  @Test("is read by other programs", arguments: ["pyarrow", "polars", "duckdb"], compressions)
  func reading(reader: String, compression: PageCompression) throws {
    let types = writtenTypes.filter { type in
      switch (reader, type) {
      case ("polars", .map), ("polars", .decimal(38, _)): false
      case ("polars", .structure), ("duckdb", .array(.void)), ("duckdb", .void): false
      default: true
      }
    }
    let schema = Schema(types.enumerated().map { Field("c\($0)", $1) })
    var layout = ParquetLayout()
    layout.compression = compression
    layout.groupRowCount = 90
    let sent = [200, 3].map { writtenBatch(schema, rowCount: $0, seed: UInt64($0)) }
    let scratch = ScratchDirectory()
    scratch.write(try file(sent, schema: schema, layout).elements, to: "ours.parquet")
    let printed = try Python.run("parquet_read.py", reader, "\(scratch.path)/ours.parquet")
    let lines = printed.split(separator: "\n").map(String.init)
    let expected = Canonical.lines(sent)
    #expect(lines.count == expected.count)
    #expect(firstDifference(lines, expected) == nil)
  }
}
