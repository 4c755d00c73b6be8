import Columnar
import Connectors
import Formats
import TestSupport
import Testing

/// What came of the bytes that a program has written.
private struct Outcome: Equatable {
  var rows: [[Value]] = []
  var fault: RowAnswerFault?
}

@Suite("Rows that a program writes")
struct RowAnswersTests {
  private let schema = Schema([Field("id", .bigint), Field("name", .string)])

  private func read(_ pieces: [ArraySlice<UInt8>], _ answers: any RowAnswers) throws -> Outcome {
    var outcome = Outcome()
    func emit(_ batch: Batch) { outcome.rows += (0..<batch.rowCount).map { batch.row($0) } }
    do {
      for piece in pieces { try answers.take(Array(piece).span, emit: emit) }
      try answers.end(emit: emit)
    } catch let fault as RowAnswerFault {
      outcome.fault = fault
    }
    return outcome
  }

  private func records(
    _ format: Format, hasHeader: Bool = true, pieceBytes: Int = 1 << 20
  ) throws -> RecordAnswers {
    var options = ReadOptions()
    options.hasHeader = hasHeader
    let schema = format == .text ? Schema([Field("value", .string)]) : schema
    return try RecordAnswers(format, options, schema: schema, pieceBytes: pieceBytes)
  }

  @Test(
    "are read as they are",
    arguments: [
      (Format.json, "{\"name\":\"a\",\"id\":1}\n{\"id\":2}"),
      (.csv, "name,id\na,1\n,2\n"),
    ])
  func formats(format: Format, text: String) throws {
    let outcome = try read([ArraySlice(text.utf8)], records(format))
    #expect(outcome == Outcome(rows: [[.integer(1), .string("a")], [.integer(2), .null]]))
  }

  @Test("have a header in each epoch")
  func headers() throws {
    let answers = try records(.csv)
    let first = try read([ArraySlice("id,name\n1,a\n".utf8)], answers)
    let second = try read([ArraySlice("name,id\nb,2\n".utf8)], answers)
    let none = try read([], answers)
    #expect(
      first.rows + second.rows == [[.integer(1), .string("a")], [.integer(2), .string("b")]])
    #expect(none == Outcome())
  }

  @Test("are told by their lines when they are wrong, counted anew in each epoch")
  func lines() throws {
    let answers = try records(.csv)
    let text = ArraySlice("id,name\n1,a\nx,b\n".utf8)
    for _ in 0..<2 {
      let fault = try #require(try read([text], records(.csv)).fault)
      #expect(fault.line == 3)
      #expect(fault.text == "x,b")
      _ = try read([ArraySlice("id,name\n".utf8)], answers)
    }
  }

  @Test(
    "are the same however the bytes are cut",
    arguments: [Format.text, .csv, .json], 0..<40 as Range<UInt64>)
  func cuts(format: Format, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let letters = Array("\"\"\n\n\n\r,,{}[]:id name0123456789\u{FEFF}é".utf8) + [0, 0xFF]
    let head = seed % 2 == 0 ? "id,name\n1,a\n" : "{\"id\":1}\n"
    let bytes =
      Array(head.utf8)
      + (0..<Int(random.next() % 2000)).map { _ in
        letters[Int(random.next() % UInt64(letters.count))]
      }
    var pieces: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      pieces.append(rest.prefix(1 + Int(random.next() % 100)))
      rest = rest.dropFirst(pieces.last?.count ?? 0)
    }
    let hasHeader = seed % 4 < 2
    let whole = try read([bytes[...]], records(format, hasHeader: hasHeader))
    let cut = try read(pieces, records(format, hasHeader: hasHeader, pieceBytes: 64))
    #expect(cut.fault == whole.fault)
    // Rows in front of one that is wrong may have gone on: their epoch will not end.
    if whole.fault == nil { #expect(cut.rows == whole.rows) }
  }

  @Test("are refused when a record does not end")
  func endless() throws {
    let answers = try records(.csv, hasHeader: false)
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 8 << 20)
    let outcome = try read(
      [ArraySlice("1,\"".utf8)] + Array(repeating: piece[...], count: 9), answers)
    #expect(outcome.fault?.message == "it is longer than 64 MiB")
  }

  @Test("are no rows where an Arrow stream is cut or damaged")
  func damagedStreams() throws {
    let batch = Batch(
      schema: schema, columns: [Column([1, 2, 3] as [Int64?]), Column(["a", nil, "c"])], rowCount: 3
    )
    var writer = ArrowRecords(isCompressed: false)
    var buffer = MutableBuffer<UInt8>()
    writer.begin(schema, into: &buffer)
    try writer.write(batch, into: &buffer)
    writer.end(into: &buffer)
    let bytes = (0..<buffer.count).map { buffer[$0] }
    let directory = TemporaryDirectory()
    func answers() -> ArrowAnswers { ArrowAnswers(schema: schema, directory: directory.path) }
    let good = try read([bytes[...]], answers())
    #expect(good.rows.count == 3)
    #expect(good.fault == nil)
    for length in 1..<bytes.count - 8 {
      #expect(try read([bytes[..<length]], answers()).fault != nil)
    }
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x55
      _ = try read([damaged[...]], answers())
    }
  }
}
