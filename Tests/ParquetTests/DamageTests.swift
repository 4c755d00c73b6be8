import Columnar
import Parquet
import TestSupport
import Testing

private let small = Schema([
  Field("a", .bigint), Field("b", .string), Field("c", .array(.structure([Field("d", .boolean)]))),
  Field("e", .decimal(precision: 20, scale: 3)), Field("f", .map(key: .string, value: .int)),
])

@Suite("a damaged Parquet file")
struct DamageTests {
  @Test("is an error wherever it ends", arguments: compressions)
  func truncation(compression: PageCompression) throws {
    var layout = ParquetLayout()
    layout.compression = compression
    layout.groupRowCount = 5
    let batch = writtenBatch(small, rowCount: 9, seed: 5)
    let bytes = try file([batch], schema: small, layout)
    for count in 0..<bytes.count {
      #expect(throws: ParquetError.self) { try batches(bytes[0..<count]) }
    }
    #expect(rows(try batches(bytes)) == rows([batch]))
  }

  @Test("does no harm that is not noticed, where a bit of its pages is another")
  func flippedBits() throws {
    let batch = writtenBatch(small, rowCount: 40, seed: 6)
    let bytes = try file([batch], schema: small).elements
    let footer = Int(bytes[bytes.count - 8]) | Int(bytes[bytes.count - 7]) << 8
    for place in 4..<bytes.count - 8 - footer {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      if let read = try? batches(Buffer(damaged)) { #expect(rows(read) == rows([batch])) }
    }
  }

  @Test("is never more than an error", arguments: 0..<20 as Range<UInt64>)
  func corruption(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var layout = ParquetLayout()
    layout.hasChecksums = false
    layout.compression = compressions[Int(seed) % compressions.count]
    let schema = seed % 2 == 0 ? small : writtenSchema
    let bytes = try file(
      [writtenBatch(schema, rowCount: 60, seed: seed)], schema: schema, layout
    ).elements
    for _ in 0..<300 { readEverything(damaged(bytes, &random)) }
  }

  @Test(
    "of another program is never more than an error",
    arguments: [
      "plain", "v2", "encoding:DELTA_BINARY_PACKED", "encoding:DELTA_LENGTH_BYTE_ARRAY",
      "encoding:DELTA_BYTE_ARRAY", "encoding:BYTE_STREAM_SPLIT", "polars", "duckdb",
    ])
  func foreign(program: String) throws {
    let bytes = try foreignFile(program).bytes
    var random = SplitMix64(seed: 21)
    for _ in 0..<300 { readEverything(damaged(bytes, &random)) }
    for count in stride(from: 0, to: bytes.count, by: 331) {
      #expect(throws: ParquetError.self) { try batches(Buffer(Array(bytes[0..<count]))) }
    }
  }

  /// Bytes that are likely to hurt: flipped bits, small changes, extremes.
  private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: damaged[place] = 0
      case 1: damaged[place] = 0xFF
      case 2: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 3: damaged[place] &+= 1
      default: damaged[place] = .random(in: 0...255, using: &random)
      }
    }
    return damaged
  }

  /// Whatever can be read is used: every value, and written again.
  private func readEverything(_ bytes: [UInt8]) {
    guard let read = try? batches(Buffer(bytes)), let first = read.first else { return }
    guard read.reduce(0, { $0 + $1.rowCount }) < 10_000 else { return }
    _ = rows(read)
    _ = try? file(read, schema: first.schema)
  }

  @Test("may claim very many rows, of which no more are in memory than fit")
  func manyRows() throws {
    let (bytes, _) = try foreignFile("repeated:50_000_000")
    #expect(bytes.count < 1 << 20)
    let file = try ParquetFile(Buffer(bytes))
    let rows = try ParquetRows(file, columns: file.columns)
    var count = 0
    while let batch = try rows.next() {
      #expect(batch.rowCount <= ParquetRows.batchRowCount)
      count += batch.rowCount
    }
    #expect(count == 50_000_000)
  }

  @Test("may hold long strings: batches are as short as that takes")
  func longStrings() throws {
    let (bytes, _) = try foreignFile("long_strings")
    let file = try ParquetFile(Buffer(bytes))
    let rows = try ParquetRows(file, columns: file.columns)
    var count = 0
    while let batch = try rows.next() {
      #expect(batch.byteCount < 200 << 20)
      count += batch.rowCount
    }
    #expect(count == 3000)
  }

  @Test("is told from what is no Parquet file")
  func foreignBytes() {
    #expect(throws: ParquetError.foreign(Array("a,b\n".utf8))) {
      try ParquetFile(Buffer(Array("a,b\n1,2\n".utf8)))
    }
    #expect(throws: ParquetError.foreign([])) { try ParquetFile(Buffer([])) }
    #expect(throws: ParquetError.unread("is encrypted")) {
      try ParquetFile(Buffer(Array("PARE....PARE".utf8)))
    }
    #expect(throws: ParquetError.truncated("it has no footer")) {
      try ParquetFile(Buffer(Array("PAR1PAR1".utf8)))
    }
  }
}
