import Checkpoint
import Columnar
import Diagnostics
import Expressions
import Formats
import Glibc
import JSONText
import State
import Wire

/// What reads bytes that may come from anybody. None may trap, hang or allocate without bound.
///
/// `make fuzz` runs each one under a coverage-guided fuzzer, the tests under seeded mutations.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case wire
  case csv
  case text
  case json
  case answers
  case jsonText = "json-text"
  case expression
  case schema
  case writeAheadLog = "write-ahead-log"
  case state
  case parquet
  case zone
  case pattern
  case jsonQuery = "json-query"
  case csvRecord = "csv-record"
  case sketch

  package func run(_ bytes: [UInt8]) {
    switch self {
    case .wire: readWire(bytes)
    case .csv: parse(bytes, .csv, "a bigint, b string, c double, d timestamp, e boolean")
    case .text: parse(bytes, .text, "value string")
    case .json: parse(bytes, .json, "a bigint, b string, c struct<d:double,e:array<string>>")
    case .answers: readAnswers(bytes)
    case .jsonText: _ = try? JSON(parsing: bytes)
    case .expression: bindExpression(bytes)
    case .schema: _ = try? Schema(parsing: String(decoding: bytes, as: UTF8.self))
    case .writeAheadLog: recoverRows(bytes)
    case .state: readState(bytes)
    case .parquet: readParquet(bytes)
    case .zone: readZone(bytes)
    case .pattern: matchPattern(bytes)
    case .jsonQuery: queryJSON(bytes)
    case .csvRecord: readCSVRecord(bytes)
    case .sketch: readSketch(bytes)
    }
  }

  /// Well-formed inputs to begin from.
  package var seeds: [[UInt8]] {
    switch self {
    case .wire: wireSeeds()
    case .csv:
      [
        "1,abc,2.5,2026-01-01T00:00:00Z,true\n\"2\",\"a\"\"b\nc\",-1e300,2026-01-01 12:34:56.789,false\r\n",
        ",,,,\n\"\",\"\",\"\",\"\",\"\"\n",
      ].map { Array($0.utf8) }
    case .text: [Array("one line\r\nand é another\n\n".utf8)]
    case .json:
      [
        #"{"a":1,"b":"x\n\u00e9\ud83d\ude00","c":{"d":-1.5e10,"e":["p","q",null]},"z":[{"y":{}}]}"#,
        #"{"c":null,"a":-9223372036854775808}"#,
      ].map { Array(($0 + "\n").utf8) }
    case .answers:
      [
        #"{"state":{"n":5,"seen":["p","q\u00e9"]},"rows":[{"a":1,"b":"x"},{"b":null}]}"#,
        #"{"key":{"k":1},"state":-1.50e3,"rows":[],"timeout":false,"epoch":7}"#, "{}",
      ].map { Array(($0 + "\n" + $0 + "\n").utf8) }
    case .jsonText: [Array(#"{"epoch":42,"a":[1,2.5,"x\ud83d\ude00",null,true,{"b":{}}]}"#.utf8)]
    case .expression:
      [
        "CASE WHEN a > 1 AND b LIKE 'x%' THEN upper(b) ELSE concat(b, cast(a AS string)) END",
        "a + 2 * c - 1.5 / 3 BETWEEN -1 AND 1e3 OR b IN ('p', 'q')",
        "split(b, ' ')[0] || substring(b, 2, 3)", "DATE'2026-01-01' + INTERVAL 3 DAYS",
      ].map { Array($0.utf8) }
    case .schema:
      [Array("ts timestamp, m decimal(10,2), a array<struct<x:int,y:map<string,int>>>".utf8)]
    case .writeAheadLog: [segmentSeed()]
    case .state: stateSeeds()
    case .parquet: parquetSeeds()
    case .zone: zoneSeeds()
    case .pattern: patternSeeds()
    case .jsonQuery: jsonQuerySeeds()
    case .csvRecord:
      [Array(#""a,b" ,-7;1e3,"x\"y",2026-03-01 12:00,"q"r"#.utf8), Array("\"\",".utf8)]
    case .sketch: sketchSeeds()
    }
  }
}

private let someSchema = Schema([
  Field("a", .bigint), Field("b", .string), Field("c", .double), Field("ts", .timestamp),
  Field("arr", .array(.bigint)), Field("st", .structure([Field("x", .int), Field("y", .string)])),
])

private func parse(_ bytes: [UInt8], _ format: Format, _ schema: String) {
  guard let schema = try? Schema(parsing: schema),
    let parser = try? makeParser(format, ReadOptions(), schema: schema)
  else { preconditionFailure("a fuzz target's own schema is good") }
  let block = Buffer(bytes)
  let whole = parser.wholeRecords(in: block)
  precondition(whole >= 0 && whole <= bytes.count)
  let first = parser.parse(RecordBlock(bytes: block[0..<whole], isLast: false))
  let all = parser.parse(RecordBlock(bytes: block, isLast: true))
  precondition(first.batch.rowCount <= all.batch.rowCount + all.malformed.count)
}

/// Reads what a program with state may answer: a value that is taken must be JSON in one line, since
/// it is sent to the program again as it is.
private func readAnswers(_ bytes: [UInt8]) {
  let names = JSONAnswerParser.Names(value: "state", rows: "rows", others: ["key", "epoch"])
  guard let schema = try? Schema(parsing: "a bigint, b string, c array<double>"),
    let parser = try? JSONAnswerParser(names, rows: schema)
  else { preconditionFailure("a fuzz target's own schema is good") }
  let lines = bytes + [0x0A]
  do throws(JSONAnswerFault) {
    let answers = try parser.parse(Buffer(lines))
    precondition(answers.values.count == lines.count { $0 == 0x0A })
    for row in 0..<answers.values.count {
      guard case .string(let text) = answers.values.value(row) else { continue }
      precondition(!text.utf8.contains(0x0A) && !text.isEmpty)
    }
  } catch {
    precondition(error.line < lines.count { $0 == 0x0A } && !error.message.isEmpty)
  }
}

private func bindExpression(_ bytes: [UInt8]) {
  guard let parsed = try? Expression.parse(String(decoding: bytes, as: UTF8.self)),
    let bound = try? parsed.bind(to: someSchema)
  else { return }
  let columns = someSchema.fields.map { Column($0.type, values: [.null, .null]) }
  let batch = Batch(schema: someSchema, columns: columns)
  _ = try? bound.evaluate(over: batch, context: EvaluationContext(now: 0))
}

/// Reads a whole stream as a stage would, from a file that lives in memory.
private func readWire(_ bytes: [UInt8]) {
  let (file, descriptor) = unsafe scratchFile()
  defer { unsafe fclose(file) }
  precondition(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
  lseek(descriptor, 0, SEEK_SET)
  guard let reader = try? WireReader(descriptor: descriptor) else { return }
  while let frame = try? reader.next() {
    if case .rows(let rows) = frame { _ = try? rows.batch() }
  }
}

/// Reads a file of a stage's state, by the name that the system gives to what has none.
private func readState(_ bytes: [UInt8]) {
  let (file, descriptor) = unsafe scratchFile()
  defer { unsafe fclose(file) }
  precondition(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
  let path = "/proc/self/fd/\(descriptor)"
  for snapshot in [nil, 2] as [Int64?] {
    _ = try? StateReader.contents(ofFileAt: path, snapshot: snapshot)
  }
}

/// A file without a name, which goes when it is closed.
private func scratchFile() -> (file: UnsafeMutablePointer<FILE>, descriptor: Int32) {
  guard let file = unsafe tmpfile() else { preconditionFailure("no room for a scratch file") }
  return unsafe (file, fileno(file))
}

/// A segment of two versions, and a snapshot of the second.
private func stateSeeds() -> [[UInt8]] {
  guard let root = unsafe mkdtemp(strdup("/tmp/stream-fuzz-XXXXXX")) else {
    preconditionFailure("no room for a scratch directory")
  }
  let directory = unsafe String(cString: root)
  unsafe free(root)
  do {
    let stage = try CheckpointDirectory.open(creating: directory).stage("main.agg")
    try stage.make()
    let schema = Schema([
      Field("word", .string), Field("n", .bigint), Field("seen", .array(.bigint)),
    ])
    let store = try StateStore(stage, schema: schema, keyCount: 1, appends: [2], version: nil)
    try store.restore { _, _ in }
    let rows = Batch(
      schema: schema,
      columns: [
        Column(["x", nil, "a longer string"]), Column([1, nil, 3] as [Int64?]),
        Column(.array(.bigint), values: [.list([.integer(1), .null]), .null, .list([])]),
      ])
    _ = try store.append(version: 1) { write in try write(rows, false) }
    _ = try store.append(version: 2) { write in
      try write(rows[0..<1], false)
      try write(rows[1..<2], true)
    }
    try store.writeSnapshot { write in try write(rows) }
    let names = try Disk.names(in: stage.statePath).sorted()
    let seeds = try names.compactMap { try Disk.contents(of: "\(stage.statePath)/\($0)") }
    removeAll(directory)
    return seeds
  } catch {
    preconditionFailure("a new directory takes what is written: \(error)")
  }
}

/// Removes a directory and what is below it.
private func removeAll(_ path: String) {
  for name in (try? Disk.names(in: path)) ?? [] { removeAll("\(path)/\(name)") }
  unsafe remove(path)
}

private func wireSeeds() -> [[UInt8]] {
  [Compression.none, .zstd(level: 1)].map { compression in
    let (file, descriptor) = unsafe scratchFile()
    defer { unsafe fclose(file) }
    let columns = [
      Column([1, nil, 3] as [Int64?]), Column(["x", nil, "a longer string"]),
      Column([0.5, nil, -1] as [Double?]),
      Column(.timestamp, values: [.integer(0), .null, .integer(1)]),
      Column(.array(.bigint), values: [.list([.integer(1), .null]), .null, .list([])]),
      Column(
        someSchema.fields[5].type, values: [.structure([.integer(1), .string("y")]), .null, .null]),
    ]
    let writer = WireWriter(descriptor: descriptor, compression: compression)
    do {
      try writer.begin(Header(), someSchema)
      let stamp = EpochStamp(number: 1, time: 0)
      try writer.write(Batch(schema: someSchema, columns: columns), stamp)
      try writer.write(Ledger(epoch: 1, by: "main.source", time: 0, isFinal: true))
      try writer.end()
    } catch {
      preconditionFailure("a file in memory takes what is written: \(error)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
    precondition(unsafe pread(descriptor, &bytes, bytes.count, 0) == bytes.count)
    return bytes
  }
}
