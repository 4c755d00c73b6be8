import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

@Suite("Rows of sessions")
struct SessionRowsTests {
  private func rejected(
    _ rows: [SessionRow], gap: SessionGap, watermark: Int64?, mode: AggregateMode = .append
  ) throws -> RejectedRows {
    let operation = try sessions("count(*)", gap: gap, mode: mode)
    try operation.process(
      Batch(rows), .insert, in: Epoch(number: 2, time: 0, watermark: watermark)
    ) { _, _ in }
    let rejected = operation.takeRejected()
    #expect(operation.takeRejected().isEmpty)
    return rejected
  }

  @Test("are late when a session of their own would be closed, and it is said by how much")
  func late() throws {
    let rows = [90, 100, 89, 95].map { SessionRow(time: $0 * oneSecond) }
    let found = try rejected(rows, gap: .constant(10 * oneSecond), watermark: 100 * oneSecond)
    #expect(found.late.map(\.row) == [0, 2])
    #expect(found.late.map(\.by) == [0, oneSecond])
    #expect(found.unusable.isEmpty)
    let complete = try rejected(
      rows, gap: .constant(10 * oneSecond), watermark: 100 * oneSecond, mode: .complete)
    #expect(complete.isEmpty)
    let far = [SessionRow(time: -AlignedWindows.timeMax)]
    #expect(try rejected(far, gap: .constant(1), watermark: .max).late.map(\.by) == [.max])
  }

  @Test(
    "are of no use without a positive gap",
    arguments: [
      ("10 seconds", true), ("1h30m", true), ("INTERVAL 2 minutes", true), ("  1 day ", true),
      ("250ms", true), ("0 seconds", false), ("-3 seconds", false), ("", false), ("soon", false),
      ("10", false), ("1 month", false), ("interval", false), ("99999999999 days", false),
      ("40000000 days", false), (nil, false),
    ] as [(String?, Bool)])
  func texts(text: String?, isUsable: Bool) throws {
    let rows = [SessionRow(time: 0, gap: "1 second"), SessionRow(time: 0, gap: text)]
    let found = try rejected(rows, gap: .expression("gap"), watermark: nil)
    #expect(found.unusable == (isUsable ? [] : [1]))
  }

  @Test("are of no use without a time that has windows")
  func times() throws {
    let times = [nil, 0, .max, .min, AlignedWindows.timeMax, AlignedWindows.timeMax + 1]
    let found = try rejected(
      times.map { SessionRow(time: $0) }, gap: .constant(oneSecond), watermark: nil)
    #expect(found.unusable == [0, 2, 3, 5])
  }

  @Test("have gaps from expressions of intervals, too")
  func intervals() throws {
    let rows = [5, 0, -1].map { SessionRow(time: 0, number: $0) }
    let found = try rejected(
      rows, gap: .expression("make_dt_interval(0, 0, 0, n)"), watermark: nil)
    #expect(found.unusable == [1, 2])
    let operation = try sessions(
      "count(*)", gap: .expression("make_dt_interval(0, 0, 0, n)"), mode: .append)
    #expect(operation.columnsUsed == [0, 1, 3])
    let run = try operation.run(rows, 1, isFinal: true)
    #expect(run.sent.map { $0.values[1] } == [.integer(5 * oneSecond)])
  }

  @Test("are asked for a gap that is one, before the first of them")
  func plans() throws {
    for gap in ["INTERVAL 10 SECONDS", "'10 seconds'", "'5m'"] {
      let plan = try SessionGapPlan(.expression(gap), over: sessionInput)
      #expect(plan.columnsUsed.isEmpty)
    }
    let refused = [
      ("n", "'n' is of the type bigint"), ("INTERVAL 1 MONTH", "type interval month"),
      ("'never'", "''never'' is not the gap of a session"), ("NULL", "'NULL' is not the gap"),
      ("INTERVAL 0 SECONDS", "expected a positive interval"), ("INTERVAL -1 DAY", "positive"),
      ("missing", "no column 'missing'"),
    ]
    for (gap, message) in refused {
      let error = #expect(throws: StreamError.self) {
        try SessionGapPlan(.expression(gap), over: sessionInput)
      }
      #expect(error?.kind == .usage)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
    for constant in [0, -1, .max] as [Int64] {
      #expect(throws: StreamError.self) {
        try SessionGapPlan(.constant(constant), over: sessionInput)
      }
    }
  }

  @Test("that fail are named as they were counted in the input")
  func failures() throws {
    let operation = try sessions("sum(1 div n)", gap: .expression("gap"), mode: .update)
    let rows = [
      SessionRow(time: 0, gap: "1s"), SessionRow(time: nil, gap: "1s"),
      SessionRow(time: 5 * oneSecond, gap: "1s"), SessionRow(time: 2 * oneSecond, gap: "4s"),
      SessionRow(time: oneSecond, gap: "1s", number: 0),
    ]
    _ = try operation.run(rows.dropLast() + rows.dropLast(), 1)
    let error = #expect(throws: StreamError.self) { _ = try operation.run(rows, 2) }
    #expect(error?.message.contains("(row 13)") == true, "\(error?.message ?? "")")
  }

  @Test("are only added")
  func deletions() throws {
    let operation = try sessions("count(*)", mode: .append)
    #expect(throws: StreamError.self) {
      try operation.process(Batch([]), .delete, in: Epoch(number: 1, time: 0)) { _, _ in }
    }
  }

  @Test("have an order and a limit for each window in append mode")
  func order() throws {
    let operation = try sessions(
      "sum(n) AS s", by: "k", mode: .append, order: "s DESC", limit: 2)
    let rows = [("a", 0, 5), ("b", 0, 9), ("c", 0, 7), ("a", 60, 1), ("b", 61, 2)].map {
      SessionRow(key: $0, time: Int64($1) * oneSecond, number: Int64($2))
    }
    let run = try operation.run(rows, 1, isFinal: true)
    #expect(
      run.sent.map { $0.values[2...] } == [
        [.string("b"), .integer(9)], [.string("c"), .integer(7)], [.string("a"), .integer(1)],
        [.string("b"), .integer(2)],
      ])
  }
}
