import Columnar
import Parquet
import TestSupport
import Testing

/// What `Tests/Interop/parquet_write.py` writes.
let foreignFiles = [
  "plain", "dictionary", "codec:snappy", "codec:gzip", "codec:zstd", "codec:lz4", "v2", "pages:1.0",
  "pages:2.0", "groups", "old", "int96", "short_decimals", "encoding:DELTA_BINARY_PACKED",
  "encoding:DELTA_BINARY_PACKED:2.0", "encoding:DELTA_LENGTH_BYTE_ARRAY",
  "encoding:DELTA_BYTE_ARRAY", "encoding:BYTE_STREAM_SPLIT", "encoding:RLE:2.0", "empty", "large",
  "logical", "polars", "polars:snappy", "polars:lz4", "polars:gzip", "polars:uncompressed",
  "duckdb", "duckdb:, PARQUET_VERSION v2", "duckdb:, CODEC lz4_raw",
]

/// A file of another program, and the rows that it holds.
func foreignFile(_ program: String) throws -> (bytes: [UInt8], rows: [String]) {
  let scratch = ScratchDirectory()
  _ = try Python.run(
    "parquet_write.py", program, "\(scratch.path)/theirs", "\(scratch.path)/rows")
  let text = String(decoding: scratch.bytes("rows"), as: UTF8.self)
  return (scratch.bytes("theirs"), text.split(separator: "\n").map(String.init))
}

@Suite("Parquet files of other programs")
struct ForeignFileTests {
  @Test("are read", arguments: foreignFiles)
  func reading(program: String) throws {
    let (bytes, expected) = try foreignFile(program)
    let lines = Canonical.lines(try batches(Buffer(bytes)))
    #expect(lines.count == expected.count)
    #expect(firstDifference(lines, expected) == nil)
  }

  @Test("are read in part, without the chunks of other columns")
  func projection() throws {
    let (bytes, _) = try foreignFile("plain")
    let file = try ParquetFile(Buffer(bytes))
    let before = file.consumedCount
    guard let column = file.columns.first(where: { $0.name == "int32" }),
      let structure = file.columns.first(where: { $0.name == "struct" }),
      let member = structure.member(2)?.member(0)
    else {
      Issue.record("the columns are missing")
      return
    }
    let rows = try ParquetRows(file, columns: [column, member])
    guard let batch = try rows.next() else {
      Issue.record("no rows")
      return
    }
    let whole = try batches(Buffer(bytes))[0]
    #expect(batch.columns[0].values == whole.column(named: "int32")?.values)
    #expect(batch.schema.fields[1] == Field("d", .double))
    let expected = whole.column(named: "struct")?.values.map { value in
      guard case .structure(let fields) = value, case .structure(let inner) = fields[2] else {
        return Value.null
      }
      return inner[0]
    }
    #expect(batch.columns[1].values == expected)
    #expect(file.consumedCount - before < Int64(bytes.count / 10))
  }

  @Test("name the column and the type that is not read", arguments: ["time", "time32"])
  func unread(name: String) throws {
    let (bytes, _) = try foreignFile("unread:\(name)")
    let expected = ParquetError.unsupported(
      column: "bad", "has the Parquet type time, which is not read")
    #expect(throws: expected) { try batches(Buffer(bytes)) }
    let file = try ParquetFile(Buffer(bytes))
    let rows = try ParquetRows(file, columns: [file.columns[0]])
    #expect(try rows.next()?.columns[0].values == [.integer(1)])
  }

  @Test("name the codec that is not read")
  func unreadCodec() throws {
    let (bytes, _) = try foreignFile("unread_codec:brotli")
    let expected = ParquetError.unsupported(
      column: "a", "is compressed with brotli, which is not read")
    #expect(throws: expected) { try batches(Buffer(bytes)) }
  }

  @Test("are read from a row on", arguments: [0, 1, 63, 64, 65, 500, 699, 700])
  func skipping(count: Int) throws {
    let (bytes, _) = try foreignFile("groups")
    let file = try ParquetFile(Buffer(bytes))
    let reader = try ParquetRows(file, columns: file.columns)
    try reader.skip(to: count)
    var left: [Batch] = []
    while let batch = try reader.next() { left.append(batch) }
    #expect(rows(left) == Array(rows(try batches(Buffer(bytes))).dropFirst(count)))
  }
}
