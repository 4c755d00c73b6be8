import Columnar
import Expressions
import TestSupport
import Testing

@Suite("x IN (…)")
struct MembershipTests {
  /// Constants of each type as they are written.
  private static let spelling: [(type: DataType, text: @Sendable (Int64) -> String)] = [
    (.tinyint, { "\(Int8(truncatingIfNeeded: $0))Y" }),
    (.smallint, { "\(Int16(truncatingIfNeeded: $0))S" }),
    (.int, { "\(Int32(truncatingIfNeeded: $0))" }),
    (.bigint, { "\($0)L" }),
    (.date, { "date_from_unix_date(\(Int16(truncatingIfNeeded: $0)))" }),
    (.timestamp, { "timestamp_micros(\(Int32(truncatingIfNeeded: $0)))" }),
    (.string, { "'\($0)'" }),
    (.double, { "\(Int32(truncatingIfNeeded: $0))D" }),
  ]

  private func evaluate(_ text: String, over column: Column) throws -> [Value] {
    let batch = Batch(
      schema: Schema([Field("x", column.type)]), columns: [column], rowCount: column.count)
    return try Expression.parse(text).bind(to: batch.schema).evaluate(
      over: batch, context: EvaluationContext(now: 0)
    ).values
  }

  @Test(
    "finds what is in a list of any length, and nothing else",
    arguments: spelling.indices,
    [1, 2, 6, 7, 8, 9, 10, 31, 200].flatMap { [($0, false), ($0, true)] })
  func lists(index: Int, _ list: (count: Int, isDense: Bool)) throws {
    let count = list.count
    let (type, text) = MembershipTests.spelling[index]
    var random = SplitMix64(seed: UInt64(count))
    // Small ones, those of every size, and the one that stands for an empty place.
    let numbers = (0..<count * 2).map { turn -> Int64 in
      if list.isDense { return Int64(random.next() % 128) - 50 }
      return turn == 1 ? 0x5EED_0F_5EED : Int64(bitPattern: random.next()) >> Int64(turn % 63)
    }
    let batch = Batch(
      schema: Schema([Field("n", .int)]), columns: [Column([1] as [Int32?])], rowCount: 1)
    let values = try numbers.map { number in
      try Expression.parse(text(number)).bind(to: batch.schema).evaluate(
        over: batch, context: EvaluationContext(now: 0)
      ).value(0)
    }
    let items = numbers.prefix(count).map(text).joined(separator: ", ")
    let column = Column(type, values: values + [.null])
    let members = Set(values.prefix(count))
    let isMember = values.map { members.contains($0) }
    #expect(
      try evaluate("x IN (\(items))", over: column) == isMember.map { .boolean($0) } + [.null])
    #expect(
      try evaluate("x NOT IN (\(items))", over: column) == isMember.map { .boolean(!$0) } + [.null])
    // What is not found may be the null.
    #expect(
      try evaluate("x IN (\(items), NULL)", over: column)
        == isMember.map { $0 ? .boolean(true) : .null } + [.null])
  }
}
