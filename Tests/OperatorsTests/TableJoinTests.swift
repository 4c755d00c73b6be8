import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

/// A condition, and what it says of two rows.
private struct Condition: CustomTestStringConvertible, Sendable {
  let text: String
  let holds: @Sendable (_ left: [Value], _ right: [Value]) -> Bool

  var testDescription: String { text }
}

/// SQL's `=`: null equals nothing, NaN itself, and 0.0 is -0.0.
private func equal(_ left: Value, _ right: Value) -> Bool {
  left != .null && right != .null && same(left, right)
}

/// `<=>`.
private func same(_ left: Value, _ right: Value) -> Bool {
  if case .double(let first) = left, case .double(let second) = right {
    return first == second || first.isNaN && second.isNaN
  }
  return left == right
}

private func integer(_ value: Value) -> Int64? {
  if case .integer(let integer) = value { integer } else { nil }
}

private let conditions = [
  Condition(text: "id") { equal($0[0], $1[0]) },
  Condition(text: "s, id") { equal($0[0], $1[0]) && equal($0[2], $1[2]) },
  Condition(text: "l.id <=> r.id") { same($0[0], $1[0]) },
  Condition(text: "l.id IS NOT DISTINCT FROM r.id AND r.s = l.s") {
    same($0[0], $1[0]) && equal($0[2], $1[2])
  },
  Condition(text: "l.id = r.id AND n < m") { left, right in
    guard equal(left[0], right[0]), let n = integer(left[1]), let m = integer(right[1])
    else { return false }
    return n < m
  },
  Condition(text: "l.id = r.id AND l.s <> 'a' AND r.m IS NOT NULL") { left, right in
    equal(left[0], right[0]) && left[2] != .null && left[2] != .string("a") && right[1] != .null
  },
  Condition(text: "m = n + 1") { left, right in
    guard let n = integer(left[1]), let m = integer(right[1]) else { return false }
    return m == n + 1
  },
]

/// Of `id` on both sides; they meet in a common type.
private let idTypes: [(DataType, DataType)] = [
  (.bigint, .bigint), (.int, .bigint), (.string, .string), (.double, .double), (.float, .double),
  (.decimal(precision: 10, scale: 2), .decimal(precision: 10, scale: 2)), (.boolean, .boolean),
  (.timestamp, .timestamp), (.date, .date), (.binary, .binary), (.array(.int), .array(.int)),
  (.structure([Field("a", .int)]), .structure([Field("a", .int)])),
]

private func randomID(_ type: DataType, _ random: inout SplitMix64) -> Value {
  let number = Int.random(in: -1...6, using: &random)
  if number < 0 { return .null }
  switch type {
  case .string: return .string(String(repeating: "long ", count: number))
  case .double, .float: return .double([0.0, -0.0, .nan, 1.5, -2, 3, .infinity][number])
  case .decimal: return .decimal(Int128(number))
  case .boolean: return .boolean(number % 2 == 0)
  case .binary: return .binary(Array(repeating: 7, count: number))
  case .array: return .list([.integer(Int64(number)), .null])
  case .structure: return .structure([number == 6 ? .null : .integer(Int64(number))])
  default: return .integer(Int64(number))
  }
}

private func randomRows(
  _ count: Int, _ type: DataType, _ schema: Schema, _ random: inout SplitMix64
) -> Batch {
  var rows: [[Value]] = []
  for _ in 0..<count {
    let number = Int64.random(in: -1...5, using: &random)
    let text = ["a", "b", "", "a text of some length"].randomElement(using: &random) ?? ""
    rows.append([
      randomID(type, &random), number < 0 ? .null : .integer(number),
      Int.random(in: 0..<5, using: &random) == 0 ? .null : .string(text),
      .integer(Int64(rows.count)),
    ])
  }
  let columns = schema.fields.enumerated().map { index, field in
    Column(field.type, values: rows.map { $0[index] })
  }
  return Batch(schema: schema, columns: columns, rowCount: count)
}

extension Batch {
  fileprivate var values: [[Value]] { (0..<rowCount).map(row) }
}

/// With NaN as something that equals itself.
private func comparable(_ rows: [[Value]]) -> [[Value]] {
  rows.map { row in
    row.map { value in
      if case .double(let number) = value, number.isNaN { .string("NaN") } else { value }
    }
  }
}

/// Joins row by row.
private struct NestedLoop {
  let type: JoinType
  let plan: TableJoinPlan
  let holds: (_ left: [Value], _ right: [Value]) -> Bool

  func rows(_ left: [[Value]], _ right: [[Value]]) -> [[Value]] {
    var rows: [[Value]] = []
    var matched: Set<Int> = []
    for one in left {
      let matches = right.indices.filter { holds(one, right[$0]) }
      matched.formUnion(matches)
      switch type {
      case .semi: if !matches.isEmpty { rows.append(one) }
      case .anti: if matches.isEmpty { rows.append(one) }
      default:
        rows += matches.map { one + shown(right[$0]) }
        if matches.isEmpty, type == .left || type == .full {
          rows.append(one + plan.shown.map { _ in .null })
        }
      }
    }
    guard type == .right || type == .full else { return rows }
    for index in right.indices where !matched.contains(index) {
      var one = plan.left.fields.map { _ in Value.null }
      for shared in plan.condition.shared { one[shared.left] = right[index][shared.right] }
      rows.append(one + shown(right[index]))
    }
    return rows
  }

  private func shown(_ row: [Value]) -> [Value] { plan.shown.map { row[$0] } }
}

@Suite("joins with a table")
struct TableJoinTests {
  @Test(
    "give what a loop over all pairs gives, whatever is cut where", arguments: conditions,
    JoinType.allCases)
  fileprivate func twin(condition: Condition, type: JoinType) throws {
    var random = SplitMix64(seed: 7)
    for (leftType, rightType) in idTypes {
      let left = Schema([
        Field("id", leftType), Field("n", .int), Field("s", .string), Field("x", .bigint),
      ])
      let right = Schema([
        Field("id", rightType), Field("m", .int), Field("s", .string), Field("x", .bigint),
      ])
      let isMixed = leftType != rightType && !condition.text.contains(".")
      if isMixed, type == .right || type == .full { continue }
      let plan = try TableJoinPlan(type, condition.text, left, right)
      for (rowCount, tableCount) in [(0, 0), (60, 0), (0, 5), (65, 40)] {
        let rows = randomRows(rowCount, leftType, left, &random)
        let table = randomRows(tableCount, rightType, right, &random)
        let loop = NestedLoop(type: type, plan: plan, holds: condition.holds)
        let expected = comparable(loop.rows(rows.values, table.values))
        for (size, pairsMax, bytes) in [(.max, 65_536, 1 << 30), (7, 5, 300), (64, 1, 1)] {
          let supply = try FixedTable(table, plan, size: size, byteCountMax: bytes)
          var chain = StageChain([plan.makeOperator(supply, pairsMax: pairsMax)])
          let result = try chain.run(rows, epoch: 1, isFinal: true, size: size)
          #expect(comparable(result.rows) == expected)
          #expect(result.batches.allSatisfy { $0.schema == plan.output })
          #expect(supply.closed == [1])
        }
      }
    }
  }

  /// Keys by which a table is found through an index, through a hash table, or through either by its
  /// first batches alone.
  private static let ranges: [[Int64]] = [
    Array(-300..<700), (0..<1000).map { 7 * $0 - 3000 }, (0..<1000).map { $0 << 40 },
    [.min, .max, 0, -1, 1], Array((.max - 999)...(.max)), (0..<1000).map { 1 << 62 - $0 * 3 },
    Array(0..<600) + [.max], [5],
  ]

  @Test("find rows of large tables by integers near and far", arguments: ranges, [1, 2])
  func integers(keys: [Int64], repeats: Int) throws {
    var random = SplitMix64(seed: 3)
    let ids: [Int64?] = (0..<repeats).flatMap { _ in keys.shuffled(using: &random) } + [nil]
    let texts = ids.indices.map { "\($0) " + String(repeating: "é", count: $0 % 23) }
    let schema = Schema([Field("id", .bigint)])
    let right = Schema([Field("id", .bigint), Field("s", .string), Field("n", .int)])
    let table = Batch(
      schema: right,
      columns: [
        Column(ids), Column(texts.map { $0.count % 5 == 0 ? nil : $0 } as [String?]),
        Column(ids.indices.map { Int32($0) } as [Int32?]),
      ])
    let rows: [Int64?] = (0..<500).map { _ in
      switch Int.random(in: 0..<4, using: &random) {
      case 0: nil
      case 1: .random(in: .min ... .max, using: &random)
      case 2: keys.randomElement(using: &random).map { $0 &+ 1 }
      default: keys.randomElement(using: &random)
      }
    }
    for (text, matchesNull) in [("id", false), ("l.id <=> r.id", true)] {
      let plan = try TableJoinPlan(.left, text, schema, right)
      let expected = rows.flatMap { row -> [[Value]] in
        let left = row.map { Value.integer($0) } ?? .null
        let places = ids.indices.filter { ids[$0] == row && (row != nil || matchesNull) }
        if places.isEmpty { return [[left] + plan.shown.map { _ in .null }] }
        return places.map { place in [left] + plan.shown.map { table.row(place)[$0] } }
      }
      for (size, bytes) in [(Int.max, Int(Int32.max)), (100, 2000)] {
        let supply = try FixedTable(table, plan, size: size, byteCountMax: bytes)
        var chain = StageChain([plan.makeOperator(supply)])
        let batch = Batch(schema: schema, columns: [Column(rows)])
        #expect(try chain.run(batch, epoch: 1).rows == expected)
      }
    }
  }

  @Test("pass batches as they are where all rows do")
  func passes() throws {
    let schema = Schema([Field("id", .bigint)])
    let column = Column([1, 2, 1] as [Int64?])
    let rows = Batch(schema: schema, columns: [column])
    for (type, ids) in [(JoinType.semi, [2, 1] as [Int64?]), (.anti, [3, nil])] {
      let plan = try TableJoinPlan(type, "id", schema, schema)
      let table = Batch(schema: schema, columns: [Column(ids)])
      var chain = StageChain([plan.makeOperator(try FixedTable(table, plan))])
      let result = try chain.run(rows, epoch: 1)
      let storage = try #require(result.batches.first?.columns[0].storage)
      guard case .int64(let out) = storage, case .int64(let given) = column.storage else { return }
      #expect(unsafe out.pointer == given.pointer)
    }
  }

  // MARK: - Names

  private let left = Schema([Field("id", .bigint), Field("name", .string), Field("v", .int)])
  private let right = Schema([Field("id", .bigint), Field("Name", .string), Field("w", .int)])

  @Test("name columns so that none is there twice")
  func names() throws {
    func output(_ on: String, _ prefix: String? = nil) throws -> [String] {
      try TableJoinPlan(.inner, on, left, right, prefix: prefix).output.names
    }
    #expect(try output("id") == ["id", "name", "v", "Name_right", "w"])
    #expect(try output("l.id = r.id") == ["id", "name", "v", "id_right", "Name_right", "w"])
    #expect(try output("id", "r_") == ["id", "name", "v", "r_Name", "w"])
    #expect(try output("id, name") == ["id", "name", "v", "w"])
  }

  @Test("refuse names that would be there twice all the same")
  func clash() throws {
    let more = Schema(left.fields + [Field("id_right", .int)])
    #expect(throws: StreamError.self) {
      try TableJoinPlan(.inner, "l.id = r.id", more, right)
    }
    let types = Schema([Field("id", .int), Field("v", .int)])
    #expect(throws: StreamError.self) { try TableJoinPlan(.full, "id", types, right) }
    #expect(try TableJoinPlan(.left, "id", types, right).output.fields[0].type == .int)
  }

  @Test("need of the table what comes out and what is compared")
  func columns() throws {
    #expect(try TableJoinPlan(.inner, "id", left, right).rightColumnsUsed == [0, 1, 2])
    #expect(try TableJoinPlan(.semi, "id", left, right).rightColumnsUsed == [0])
    #expect(
      try TableJoinPlan(.anti, "l.id = r.id AND l.v > r.w", left, right).rightColumnsUsed == [0, 2])
  }

  // MARK: - Rows that change

  private func operation(_ type: JoinType, on text: String = "id", ids: [Int64?]) throws
    -> any Operator
  {
    let schema = Schema([Field("id", .bigint)])
    var plan = try TableJoinPlan(
      type, text, schema, Schema([Field("id", .bigint), Field("w", .bigint)]))
    plan.isOneToOne = true
    let table = Batch(schema: plan.right, columns: [Column(ids), Column(ids)])
    return plan.makeOperator(try FixedTable(table, plan, size: 1), pairsMax: 1)
  }

  @Test(
    "let a row that replaces another one come out once at most", arguments: [JoinType.inner, .left])
  func oneToOne(type: JoinType) throws {
    let schema = Schema([Field("id", .bigint)])
    let rows = Batch(schema: schema, columns: [Column([1, 2, 1] as [Int64?])])
    var single = StageChain([try operation(type, ids: [2, 1, 7, 7])])
    #expect(try single.run(rows, epoch: 1).rows.count == 3)
    var double = StageChain([try operation(type, ids: [2, 1, 7, 2])])
    #expect(throws: StreamError.self) { try double.run(rows, epoch: 1) }
    // Of several candidates one may be left.
    let text = "l.id = r.id AND r.w > 0"
    var narrowed = StageChain([try operation(type, on: text, ids: [2, 1, 2])])
    #expect(throws: StreamError.self) { try narrowed.run(rows, epoch: 1) }
    let odd = "l.id = r.id AND r.w > 1"
    var other = StageChain([try operation(type, on: odd, ids: [1, 1, 2])])
    #expect(try other.run(rows, epoch: 1).rows.count == (type == .left ? 3 : 1))
  }

  @Test("take back what has come out", arguments: [JoinType.inner, .left, .semi, .anti])
  func deletions(type: JoinType) throws {
    let schema = Schema([Field("id", .bigint)])
    let rows = Batch(schema: schema, columns: [Column([1, 5] as [Int64?])])
    var operation = try operation(type, ids: [1])
    var sent: [([[Value]], Change)] = []
    try operation.process(rows, .delete, in: Epoch(number: 1, time: 0)) {
      sent.append(($0.values, $1))
    }
    let expected: [[Value]] =
      switch type {
      case .inner: [[.integer(1), .integer(1)]]
      case .left: [[.integer(1), .null], [.integer(5), .null]]
      case .semi: [[.integer(1)]]
      default: [[.integer(5)]]
      }
    #expect(sent.map(\.0) == [expected])
    #expect(sent.map(\.1) == [.delete])
  }

  // MARK: - Failing

  @Test("name the row of the stream or of the table that an expression fails on")
  func failures() throws {
    let schema = Schema([Field("id", .string)])
    let good = Batch(schema: schema, columns: [Column(["1", "2", "3"])])
    let bad = Batch(schema: schema, columns: [Column(["1", "x", "3"])])
    let plan = try TableJoinPlan(.inner, "cast(l.id AS int) = cast(r.id AS int)", schema, schema)
    var error = #expect(throws: StreamError.self) { try FixedTable(bad, plan, size: 1) }
    #expect(error?.kind == .data)
    #expect(error?.location == "table")
    #expect(error?.message.contains("row 2") == true)
    var chain = StageChain([plan.makeOperator(try FixedTable(good, plan))])
    error = #expect(throws: StreamError.self) { try chain.run(bad, epoch: 1, size: 1) }
    #expect(error?.message.contains("row 2") == true)
    let rest = try TableJoinPlan(
      .inner, "l.id = r.id AND 6 / cast(l.id AS int) > r.id", schema, schema)
    let zeros = Batch(schema: schema, columns: [Column(["1", "2", "0"])])
    chain = StageChain([rest.makeOperator(try FixedTable(zeros, rest))])
    error = #expect(throws: StreamError.self) { try chain.run(zeros, epoch: 1) }
    #expect(error?.message.contains("row 3") == true)
  }
}

@Suite("joins that remember what was matched")
struct OuterTableJoinTests {
  private let schema = Schema([Field("id", .bigint)])

  private func rows(_ ids: [Int64?]) -> Batch { Batch(schema: schema, columns: [Column(ids)]) }

  private func make(_ type: JoinType = .full) throws -> OuterTableJoin {
    let plan = try TableJoinPlan(type, "id", schema, schema)
    let table = rows([5, nil, 7, 7, 8, 9])
    return OuterTableJoin(plan, try FixedTable(table, plan))
  }

  private func run(
    _ join: OuterTableJoin, _ ids: [Int64?], epoch: Int64, isFinal: Bool = false
  ) throws -> [Value] {
    var chain = StageChain([join])
    return try chain.run(rows(ids), epoch: epoch, isFinal: isFinal).rows.map { $0[0] }
  }

  @Test("go on from saved changes, and from a snapshot, as if they had never stopped")
  func restores() throws {
    let (whole, saved) = (try make(), try make())
    saved.keepChanges()
    var changes: [Batch] = []
    let epochs: [[Int64?]] = [[5, 6], [], [7, 5], [nil]]
    for (epoch, ids) in epochs.enumerated() {
      #expect(
        try run(whole, ids, epoch: Int64(epoch + 1)) == run(saved, ids, epoch: Int64(epoch + 1)))
      try saved.takeChanges {
        changes.append($0); #expect($1 == .insert)
      }
    }
    #expect(changes.map(\.rowCount) == [1, 2])
    var snapshot: [Batch] = []
    try saved.snapshot { snapshot.append($0) }
    let expected = try run(whole, [8], epoch: 5, isFinal: true)
    #expect(expected == [.integer(8), .null, .integer(9)])
    for state in [changes, snapshot] {
      let fresh = try make()
      fresh.keepChanges()
      for batch in state { try fresh.restore(batch, .insert) }
      #expect(try run(fresh, [8], epoch: 5, isFinal: true) == expected)
      var new: [Batch] = []
      try fresh.takeChanges { batch, _ in new.append(batch) }
      #expect(new.map(\.rowCount) == [1])
    }
  }

  @Test(
    "refuse rows that are none of the table", arguments: [[6], [-1], [.max], [2, 2]] as [[Int64]])
  func damage(numbers: [Int64]) throws {
    let join = try make()
    let state = Batch(schema: join.stateSchema, columns: [Column(numbers.map { $0 as Int64? })])
    try join.restore(state, .insert)
    #expect(throws: StreamError.self) { try run(join, [5], epoch: 1) }
  }

  @Test("refuse other rows, and rows that are taken back")
  func otherRows() throws {
    let join = try make()
    let state = Batch(schema: join.stateSchema, columns: [Column([1] as [Int64?])])
    #expect(throws: StreamError.self) { try join.restore(state, .delete) }
    #expect(throws: StreamError.self) { try join.restore(rows([1]), .insert) }
    let null = Batch(schema: join.stateSchema, columns: [Column([nil] as [Int64?])])
    #expect(throws: StreamError.self) { try join.restore(null, .insert) }
  }
}
