import Columnar
import Connectors
import Diagnostics
import TestSupport
import Testing

private let schema = Schema(
  someTypes.enumerated().map { index, type in Field("c\(index)", type) })

private func table(_ count: Int, seed: UInt64 = 1) -> Batch {
  Batch(
    schema: schema,
    columns: someTypes.enumerated().map { index, type in
      Column(type, values: randomValues(type, count: count, seed: seed + UInt64(index)))
    }, rowCount: count)
}

private func digest(_ batches: [Batch], _ schema: Schema = schema) -> String {
  var digest = TableDigest(schema)
  for batch in batches { digest.add(batch) }
  return digest.text
}

@Suite("versions of tables")
struct KeptTableTests {
  @Test("are the same wherever batches are cut", arguments: [0, 1, 64, 65, 300])
  func cuts(count: Int) {
    let whole = table(count)
    let expected = digest([whole])
    for size in [1, 7, 64, 65] {
      let parts = stride(from: 0, to: count, by: size).map {
        whole[$0..<min($0 + size, count)]
      }
      #expect(digest(parts) == expected)
      #expect(digest([Batch.concatenating(parts, schema: schema)]) == expected)
    }
  }

  @Test("differ when a value, a null, a length, a name or a type does")
  func differs() {
    func one(_ column: Column, _ name: String = "c") -> String {
      let schema = Schema([Field(name, column.type)])
      return digest([Batch(schema: schema, columns: [column])], schema)
    }
    let texts = [
      one(Column(["a", "b"])), one(Column(["ab", ""])), one(Column(["", "ab"])),
      one(Column(["a", nil])), one(Column(["a", ""])), one(Column(["a", "b"]), "d"),
      one(Column([1, 2] as [Int64?])), one(Column([1, 2] as [Int64?], as: .timestamp)),
      one(Column([1, 3] as [Int64?])), one(Column([1] as [Int64?])),
      one(Column([1, 2] as [Int32?])),
    ]
    #expect(Set(texts).count == texts.count)
  }

  // MARK: - Keeping

  private let scratch = ScratchDirectory()

  private func kept() throws -> (KeptTable, String) {
    let batch = table(200)
    let version = digest([batch])
    let file = KeptTable(path: "\(scratch.path)/\(version).arrows")
    let parts = [batch[0..<130], batch[130..<200]]
    try file.write(schema) { try parts.forEach($0) }
    return (file, version)
  }

  private func read(_ file: KeptTable, _ version: String) throws -> [Batch] {
    var batches: [Batch] = []
    try file.read(version: version, begin: { #expect($0 == schema) }, { batches.append($0) })
    return batches
  }

  @Test("are read as they were written")
  func roundTrip() throws {
    let (file, version) = try kept()
    let batches = try read(file, version)
    let all = Batch.concatenating(batches, schema: schema)
    #expect((0..<200).map(all.row) == (0..<200).map(table(200).row))
    #expect(scratch.bytes("\(version).arrows.tmp").isEmpty)
    // Again, over what is there.
    _ = try kept()
  }

  @Test("are refused when a bit is not what it was, or the end is missing")
  func damage() throws {
    let (file, version) = try kept()
    let name = "\(version).arrows"
    let bytes = scratch.bytes(name)
    var random = SplitMix64(seed: 3)
    var refusedCount = 0
    for _ in 0..<300 {
      var damaged = bytes
      if Bool.random(using: &random) {
        damaged.removeLast(Int.random(in: 9...bytes.count, using: &random))
      } else {
        damaged[Int.random(in: 0..<bytes.count, using: &random)] ^= 1
      }
      scratch.write(damaged, to: name)
      do {
        let all = Batch.concatenating(try read(file, version), schema: schema)
        // A bit of padding, or of what describes the message, means nothing.
        #expect((0..<200).map(all.row) == (0..<200).map(table(200).row))
      } catch let error as StreamError {
        #expect(error.kind == .io)
        refusedCount += 1
      }
    }
    #expect(refusedCount > 200)
  }
}
