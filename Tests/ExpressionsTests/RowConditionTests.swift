import Columnar
import Expressions
import TestSupport
import Testing

private let schema = Schema([
  Field("i", .int), Field("b", .bigint), Field("d", .double), Field("f", .float),
  Field("m", .decimal(precision: 9, scale: 2)), Field("t", .string), Field("ts", .timestamp),
  Field("day", .date), Field("s", .structure([Field("n", .int), Field("Name", .string)])),
])

@Suite("What a condition says of single columns")
struct RowConditionTests {
  private func condition(_ text: String) throws -> RowCondition {
    try Expression.parse(text).rowCondition(over: schema)
  }

  @Test(
    "is found",
    arguments: [
      ("i < 5", .init(["i"], .less, .integer(5))),
      ("5 > i", .init(["i"], .less, .integer(5))),
      ("5L >= I", .init(["i"], .lessOrEqual, .integer(5))),
      ("b = 2 + 3", .init(["b"], .equal, .integer(5))),
      ("b = '5'", .init(["b"], .equal, .integer(5))),
      ("d >= 5", .init(["d"], .greaterOrEqual, .double(5))),
      ("f > 0.5", .init(["f"], .greater, .double(0.5))),
      ("m > 5", .init(["m"], .greater, .decimal(500))),
      ("m <=> 1.25", .init(["m"], .equal, .decimal(125))),
      ("t <= 'x'", .init(["t"], .lessOrEqual, .string("x"))),
      ("ts = '1970-01-01 00:00:01'", .init(["ts"], .equal, .integer(1_000_000))),
      ("day < '1970-01-03'", .init(["day"], .less, .integer(2))),
      ("s.n = 1", .init(["s", "n"], .equal, .integer(1))),
      ("s.name LIKE 'a\\_b%c'", .init(["s", "Name"], .startsWith, .string("a_b"))),
      ("t LIKE 'a_'", .init(["t"], .startsWith, .string("a"))),
      ("i IS NULL", .init(["i"], .isNull)),
      ("s.n IS NOT NULL", .init(["s", "n"], .isNotNull)),
      ("i <=> NULL", .init(["i"], .isNull)),
      ("i = NULL", .init(["i"], .equal, .null)),
    ] as [(String, ColumnCondition)])
  func found(text: String, expected: ColumnCondition) throws {
    #expect(try condition(text) == .column(expected))
  }

  @Test("is combined as they are")
  func combined() throws {
    let low = RowCondition.column(.init(["i"], .greaterOrEqual, .integer(1)))
    let high = RowCondition.column(.init(["i"], .lessOrEqual, .integer(9)))
    #expect(try condition("i BETWEEN 1 AND 9") == .all([low, high]))
    #expect(try condition("i >= 1 AND i <= 9 AND d = i") == .all([low, high, .always]))
    #expect(try condition("i >= 1 OR length(t) = 3") == .any([low, .always]))
    #expect(
      try condition("i IN (1, 9)")
        == .any([1, 9].map { .column(.init(["i"], .equal, .integer($0))) }))
  }

  @Test(
    "is nothing",
    arguments: [
      "i <> 5", "NOT i = 5", "i + 1 = 5", "i = b", "i = 0.5", "m = 1.234", "t = 5", "day = ts",
      "day < TIMESTAMP '2026-01-01 00:00:00'", "t ILIKE 'a%'", "t NOT LIKE 'a%'", "t RLIKE 'a'",
      "t LIKE ANY ('a%', 'b%')", "t LIKE s.name", "i NOT IN (1, 2)", "i NOT BETWEEN 1 AND 2",
      "s IS NOT NULL AND true", "ts > now()", "nobody = 1", "i = 1 / 0",
    ])
  func nothing(text: String) throws {
    let isNothing = { (condition: RowCondition) in
      condition == .always || condition == .all([.column(.init(["s"], .isNotNull)), .always])
    }
    #expect(isNothing(try condition(text)))
  }

  /// The slow twin: each row of which the whole is true has what is said of its columns.
  @Test("is true of each row for which the whole is", arguments: 0..<30 as Range<UInt64>)
  func implied(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let batch = batch(of: 60, &random)
    let atoms = [
      "i < {}", "{} <= b", "d > {} / 4", "f = {}", "m >= {} / 8", "t LIKE '{}%'", "t = '{}'",
      "s.n BETWEEN {} AND 5", "i IN (1, {}, NULL)", "b IS NULL", "s.name IS NOT NULL", "i <=> {}",
      "ts >= timestamp_micros({})", "day <= date_from_unix_date({})", "i % 3 = {}", "i <> {}",
      "t IN ('{}', 3)", "d <=> NULL", "NOT (i = {})", "i = d",
    ]
    func text(_ depth: Int) -> String {
      if depth == 0 {
        return atoms[Int(random.next() % UInt64(atoms.count))]
          .replacing("{}", with: "\(random.next() % 6)")
      }
      let sign = random.next() % 2 == 0 ? "AND" : "OR"
      return "(\(text(depth - 1)) \(sign) \(text(depth - 1)))"
    }
    for depth in [0, 0, 0, 1, 1, 2] {
      let text = text(depth)
      let expression = try Expression.parse(text)
      let condition = expression.rowCondition(over: schema)
      let kept = try Predicate(expression.bind(to: schema)).selection(
        over: batch, context: EvaluationContext(now: 0))
      for row in 0..<batch.rowCount where kept[row] {
        #expect(holds(condition, batch.row(row)), "\(text) in row \(batch.row(row))")
      }
    }
  }

  private func batch(of count: Int, _ random: inout SplitMix64) -> Batch {
    func small() -> Value { .integer(Int64(random.next() % 6)) }
    func value(_ type: DataType) -> Value {
      if random.next() % 5 == 0 { return .null }
      switch type {
      case .double, .float:
        return .double(random.next() % 9 == 0 ? .nan : Double(random.next() % 6))
      case .decimal: return .decimal(Int128(random.next() % 600))
      case .string: return .string("\(random.next() % 12)")
      case .structure(let fields): return .structure(fields.map { value($0.type) })
      default: return small()
      }
    }
    return Batch(
      schema: schema,
      columns: schema.fields.map { field in
        Column(field.type, values: (0..<count).map { _ in value(field.type) })
      })
  }

  private func holds(_ condition: RowCondition, _ row: [Value]) -> Bool {
    switch condition {
    case .all(let conditions): return conditions.allSatisfy { holds($0, row) }
    case .any(let conditions): return conditions.contains { holds($0, row) }
    case .column(let condition): return holds(condition, row)
    }
  }

  private func holds(_ condition: ColumnCondition, _ row: [Value]) -> Bool {
    var value = row[schema.index(of: condition.path[0]) ?? 0]
    if condition.path.count > 1, case .structure(let members) = value {
      value = members[condition.path[1] == "n" ? 0 : 1]
    }
    switch condition.comparison {
    case .isNull: return value == .null
    case .isNotNull: return value != .null
    case .startsWith:
      guard case .string(let text) = value, case .string(let prefix) = condition.value else {
        return false
      }
      return text.hasPrefix(prefix)
    case .less: return order(value, condition.value).map { $0 < 0 } ?? false
    case .lessOrEqual: return order(value, condition.value).map { $0 <= 0 } ?? false
    case .equal: return order(value, condition.value) == 0
    case .greaterOrEqual: return order(value, condition.value).map { $0 >= 0 } ?? false
    case .greater: return order(value, condition.value).map { $0 > 0 } ?? false
    }
  }

  /// NaN is larger than all numbers.
  private func order(_ left: Value, _ right: Value) -> Int? {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): Int((left - right).signum())
    case (.decimal(let left), .decimal(let right)): Int((left - right).signum())
    case (.string(let left), .string(let right)): left == right ? 0 : left < right ? -1 : 1
    case (.double(let left), .double(let right)):
      left.isNaN
        ? (right.isNaN ? 0 : 1) : right.isNaN ? -1 : left == right ? 0 : left < right ? -1 : 1
    default: nil
    }
  }
}
