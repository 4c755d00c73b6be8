import Columnar
import Connectors
import Diagnostics
import Glibc
import Operators
import Testing
import Toolkit
import stream_state

private let input = Schema([Field("word", .string), Field("text", .string)])
private let output = Schema([Field("word", .string), Field("n", .bigint)])

/// A program that was started, and what has come of it.
private final class Talk {
  let exchange: ProgramExchange
  private(set) var states: [Value] = []
  private(set) var rows: [[Value]] = []
  private var epoch: Int64 = 0

  init(_ command: String) throws {
    // Elsewhere the executable does it before it does anything.
    signal(SIGPIPE, SIG_IGN)
    exchange = try ProgramExchange(
      command, query: "q1", rows: output, Log(tool: "stream-state", verbosity: -1))
  }

  deinit { exchange.stop() }

  /// Calls it for some words, each with the states that were answered last.
  func epoch(_ words: [String], text: String = "t", rowsEach: Int = 1) throws {
    epoch += 1
    let batch = Batch(
      schema: input,
      columns: [
        Column(words.map { $0 as String? }), Column(words.map { _ in text as String? }),
      ])
    let known = states.suffix(words.count)
    let former = known.count == words.count ? Array(known) : words.map { _ in .null }
    let places = words.indices.flatMap { row in
      [RowPlace](repeating: RowPlace(batch: 0, row: Int32(row)), count: rowsEach)
    }
    let calls = ProgramCalls(
      keys: Batch(schema: Schema([input.fields[0]]), columns: [batch.columns[0]]),
      states: Column(.string, values: former), places: places,
      starts: (0...words.count).map { $0 * rowsEach }, isTimeout: false)
    try exchange.begin(
      ProgramEpoch(number: epoch, time: 1_000_000, watermark: epoch > 1 ? 5 : nil), rows: [batch])
    try exchange.answer(calls) { answers in
      for row in 0..<answers.states.count { states.append(answers.states.value(row)) }
      for row in 0..<answers.rows.rowCount { rows.append(answers.rows.row(row)) }
    }
    try exchange.endEpoch()
  }
}

private let counting = """
  python3 -c '
  import json, sys
  for line in sys.stdin:
      call = json.loads(line)
      n = (call["state"] or 0) + len(call["rows"])
      print(json.dumps({"state": n, "rows": [{"word": call["key"]["word"], "n": n}]}))'
  """

@Suite("A program that keeps state", .serialized)
struct ExchangeTests {
  @Test("is told a line for each key, and answers with a line")
  func lines() throws {
    // The lines themselves are the states.
    let talk = try Talk(#"while read -r line; do printf "%s\n" "{\"state\":$line}"; done"#)
    try talk.epoch(["a", "\"b\n"])
    try talk.epoch(["c"])
    let end = #""timeout":false,"epoch":"#
    #expect(
      talk.states == [
        .string(
          #"{"key":{"word":"a"},"state":null,"rows":[{"word":"a","text":"t"}],\#(end)"#
            + #"1,"time":"1970-01-01T00:00:01Z","watermark":null}"#),
        .string(
          #"{"key":{"word":"\"b\n"},"state":null,"rows":[{"word":"\"b\n","text":"t"}],\#(end)"#
            + #"1,"time":"1970-01-01T00:00:01Z","watermark":null}"#),
        .string(
          #"{"key":{"word":"c"},"state":\#(json(talk.states[1])),"rows":[{"word":"c","text":"t"}],"#
            + #"\#(end)2,"time":"1970-01-01T00:00:01Z","watermark":"1970-01-01T00:00:00.000005Z"}"#),
      ])
    try talk.exchange.conclude()
  }

  private func json(_ value: Value) -> String {
    if case .string(let text) = value { text } else { "null" }
  }

  @Test("goes on from epoch to epoch, and knows its query")
  func counts() throws {
    let talk = try Talk(counting)
    let words = (0..<3000).map { "w\($0)" }
    for _ in 1...3 { try talk.epoch(words, rowsEach: 2) }
    #expect(talk.states.suffix(3000) == [Value](repeating: .string("6"), count: 3000)[...])
    #expect(talk.rows.count == 9000)
    #expect(talk.rows[4567] == [.string("w1567"), .integer(4)])
    try talk.exchange.conclude()
    let named = try Talk(#"read x; echo "{\"state\":\"$STREAM_QUERY\"}""#)
    try named.epoch(["a"])
    #expect(named.states == [.string("\"q1\"")])
  }

  @Test("may read all before it answers, or answer with more than pipes hold, or both")
  func fullPipes() throws {
    for script in [
      "lines = [sys.stdin.readline() for _ in range(40)]",
      "lines = (sys.stdin.readline() for _ in range(40))",
    ] {
      let talk = try Talk(
        """
        python3 -c '
        import sys
        \(script)
        for line in lines:
            print("{\\"state\\":\\"" + "x" * 700000 + "\\",\\"rows\\":[{\\"n\\":%d}]}" % len(line))'
        """)
      let words = (0..<40).map { "w\($0)" }
      try talk.epoch(words, text: String(repeating: "y", count: 30_000), rowsEach: 20)
      #expect(talk.states.count == 40 && talk.rows.count == 40)
      let isLong = talk.rows.allSatisfy { row in
        if case .integer(let count) = row[1] { count > 600_000 } else { false }
      }
      #expect(isLong)
      try talk.exchange.conclude()
    }
  }

  @Test(
    "is told what it did wrong",
    arguments: [
      (
        "exit 3",
        "'exit 3' ended with status 3 in epoch 1, before it had answered for {\"word\":\"a\"}"
      ),
      (
        "read x; echo '{}'; read x; echo line one >&2; echo so it is >&2; kill -TERM $$",
        "was killed by signal 15 in epoch 1, before it had answered for {\"word\":\"b\"}: "
          + "line one; so it is"
      ),
      ("no-such-command", "ended with status 127"),
      ("cat > /dev/null & exit 4", "ended with status 4"),
      ("while read x; do echo hello; done", "for {\"word\":\"a\"} in epoch 1 is not understood"),
      (
        "read x; echo '{}'; read x; echo '{}'; read x; echo '{\"rows\":[{\"m\":1}]}'; cat > /dev/null",
        "for {\"word\":\"c\"} in epoch 1 is not understood: unknown field '\"m\"' in 'rows[]'; "
          + "there may be: word, n: {\"rows\":[{\"m\":1}]}"
      ),
      (
        "while read x; do printf '{}\\n{}\\n'; done", "has written more than it was asked for: '{}'"
      ),
      (
        "read x; read x; read x; printf '{}\\n{}\\n{}\\nand this'; cat > /dev/null",
        "has written more than it was asked for: 'and this'"
      ),
      ("read x; exec >&-; cat > /dev/null", "has closed its standard output in epoch 1"),
      ("read x; exec <&-; while :; do sleep 1; done", "has closed its standard input in epoch 1"),
      ("read x; printf '{\"state\":'", "ended with status 0 in epoch 1"),
      (
        "read x; head -c 70000000 /dev/zero | tr '\\0' x; cat > /dev/null",
        "in epoch 1 is longer than 64 MiB"
      ),
    ])
  func misbehaviour(command: String, message: String) throws {
    let talk = try Talk(command)
    let error = #expect(throws: StreamError.self) { try talk.epoch(["a", "b", "c"]) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    let isEnd = message.contains(" ended ") || message.contains("ended with")
    let wanted: StreamError.Kind =
      message.contains("127")
      ? .usage
      : isEnd || message.contains("killed") || message.contains("closed") ? .unavailable : .data
    #expect(error?.kind == wanted)
  }

  @Test("may not say anything between two epochs or behind the last")
  func unasked() throws {
    let late = try Talk("for i in 1 2; do read x; echo '{}'; done; read x; echo bye")
    try late.epoch(["a", "b"])
    let error = #expect(throws: StreamError.self) { try late.exchange.conclude() }
    #expect(error?.message.hasSuffix("has written more than it was asked for: 'bye'") == true)
  }

  @Test("that was killed is reported with the key that it owed")
  func killed() throws {
    let talk = try Talk("read x; echo '{}'; kill -9 $$")
    let error = #expect(throws: StreamError.self) { try talk.epoch(["a", "b"]) }
    #expect(error?.message.contains("was killed by signal 9") == true)
    #expect(error?.message.contains("{\"word\":\"b\"}") == true)
    #expect(error?.kind == .unavailable)
  }

  @Test("is left alone when nobody wants its answers any more")
  func abandoned() throws {
    let talk = try Talk("cat > /dev/null")
    talk.exchange.isAbandoned = { true }
    #expect(throws: (any Error).self) { try talk.epoch(["a"]) }
  }

  @Test("is not started for nothing, and a bad end loses nothing")
  func ends() throws {
    try Talk("exit 9").exchange.conclude()
    let talk = try Talk("while read x; do echo '{}'; done; exit 7")
    try talk.epoch(["a"])
    try talk.exchange.conclude()
  }
}

@Suite("A program beside us", .serialized)
struct CoProcessTests {
  @Test("that goes on behind the end of its input is stopped", arguments: ["", "trap '' TERM; "])
  func stubborn(prefix: String) throws {
    let process = CoProcess("\(prefix)while read x; do :; done; while :; do sleep 5; done")
    try process.start()
    let group = process.group
    let end = try process.conclude(within: 50) { _ in }
    #expect(end == nil)
    #expect(!process.isRunning)
    #expect(kill(group, 0) != 0)
  }

  @Test("that writes before it was asked is noticed")
  func chatter() throws {
    let process = CoProcess("echo hello; cat > /dev/null")
    try process.start()
    while !process.hasUnread { sched_yield() }
    #expect(String(decoding: process.takeUnread(), as: UTF8.self) == "hello\n")
    process.stop()
    #expect(!process.isRunning)
  }

  @Test("leaves no process behind when it is forgotten")
  func forgotten() throws {
    var process: CoProcess? = CoProcess("while :; do sleep 5; done")
    try process?.start()
    let group = process?.group ?? 0
    #expect(kill(group, 0) == 0)
    process = nil
    #expect(kill(group, 0) != 0)
  }
}
