import Columnar
import Diagnostics
import Expressions
import Operators
import TestSupport
import Testing

private func times(_ seconds: [Int64?]) -> Column {
  Column(seconds.map { $0.map { $0 * oneSecond } }, as: .timestamp)
}

/// What is put in place of a column of a state of two sessions of one key, and what is said to it.
private let damages: [(mode: AggregateMode, column: Int, replacement: Column, reason: String)] = [
  (.append, 0, times([nil, 100]), "a session has no start"),
  (.append, 0, Column([Int64.min, 0] as [Int64?], as: .timestamp), "a session has no start"),
  (.append, 0, Column([1, 2] as [Int64?]), "the column 'window_start bigint'"),
  (.append, 0, times([0, 0]), "a session comes twice"),
  (.append, 0, times([0, 5]), "reach into each other"),
  (.append, 2, times([10, nil]), "ends before it begins"),
  (.append, 2, times([0, 110]), "ends before it begins"),
  (.append, 2, times([-5, 110]), "ends before it begins"),
  (.append, 2, Column([Int64.max, .max] as [Int64?], as: .timestamp), "ends before it begins"),
  (.append, 2, times([100, 110]), "reach into each other"),
  (.append, 2, times([500, 110]), "reach into each other"),
  (.append, 3, Column([1, -1] as [Int64?]), "a count is -1"),
  (.complete, 3, Column([1, -1] as [Int64?]), "a session has no rank"),
  (.complete, 3, Column([1, nil] as [Int64?]), "a session has no rank"),
  (.complete, 3, Column([.max, 1] as [Int64?]), "a session has no rank"),
]

@Suite("Damaged states of sessions")
struct SessionDamageTests {
  private func fresh(_ mode: AggregateMode, _ aggregates: String = "count(*)") throws
    -> SessionAggregate
  {
    try sessions(aggregates, by: "k", mode: mode, keepsChanges: true)
  }

  private func state(_ mode: AggregateMode, _ aggregates: String = "count(*)") throws -> Batch {
    let operation = try fresh(mode, aggregates)
    _ = try operation.run([0, 100].map { SessionRow(key: "a", time: $0 * oneSecond) }, 1)
    var batches: [Batch] = []
    try operation.snapshot { batches.append($0) }
    return try #require(batches.first)
  }

  @Test("are refused, and it is said why", arguments: damages.indices)
  func refused(index: Int) throws {
    let damage = damages[index]
    let state = try state(damage.mode)
    try fresh(damage.mode).restore(state, .insert)
    var (fields, columns) = (state.schema.fields, state.columns)
    fields[damage.column].type = damage.replacement.type
    columns[damage.column] = damage.replacement
    let error = #expect(throws: StreamError.self) {
      try fresh(damage.mode).restore(Batch(schema: Schema(fields), columns: columns), .insert)
    }
    #expect(error?.kind == .io)
    #expect(error?.message.contains(damage.reason) == true, "\(error?.message ?? "")")
  }

  @Test("take back nothing that is not there")
  func deletions() throws {
    let operation = try fresh(.append)
    let state = try state(.append)
    let names = Batch(
      schema: Schema(Array(state.schema.fields[..<2])), columns: Array(state.columns[..<2]))
    try operation.restore(state, .insert)
    try operation.restore(names[0..<1], .delete)
    // What a store gives out has all columns.
    try operation.restore(state[1..<2], .delete)
    for batch in [names, state, state[1..<2]] {
      let error = #expect(throws: StreamError.self) { try operation.restore(batch, .delete) }
      #expect(error?.kind == .io)
    }
    let short = Batch(schema: Schema([state.schema.fields[0]]), columns: [state.columns[0]])
    #expect(throws: StreamError.self) { try operation.restore(short, .delete) }
  }

  @Test("of any content do not bring a tool down")
  func anything() throws {
    var random = SplitMix64(seed: 77)
    var (refusedCount, takenCount) = (0, 0)
    for round in 0..<3000 {
      let mode = AggregateMode.allCases[round % 3]
      let operation = try fresh(mode, "count(*), sum(x), collect_list(n)")
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let rows = Int.random(in: 0...4, using: &random)
        let fields = operation.stateSchema.fields
        let columns = fields.map { field -> Column in
          guard field.type == .timestamp, Bool.random(using: &random) else {
            return trickyColumn(field.type, count: rows, &random)
          }
          let first: Int64 = field.name == "window_start" ? 0 : 3
          return times((0..<rows).map { _ in .random(in: first...40, using: &random) })
        }
        do {
          try operation.restore(
            Batch(schema: Schema(fields), columns: columns, rowCount: rows),
            Int.random(in: 0..<4, using: &random) == 0 ? .delete : .insert)
          takenCount += 1
        } catch let error as StreamError {
          #expect(error.kind == .io)
          refusedCount += 1
          break
        }
      }
      let input = (0..<20).map {
        SessionRow(
          key: ["é-", "", nil][$0 % 3], time: .random(in: 0...40, using: &random) * oneSecond)
      }
      _ = try? operation.run(input, 1, (nil, 20 * oneSecond), keep: { _, _ in })
      _ = try? operation.run([], 2, isFinal: true, keep: { _, _ in })
    }
    #expect(refusedCount > 100 && takenCount > 100)
  }
}
