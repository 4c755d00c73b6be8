import Columnar
import Diagnostics
import Operators
import TestSupport
import Testing

private typealias Operation = any StatefulOperator & RejectingOperator

private let ways: [WindowWay] = [.append, .update, .panes]

private let windows: AlignedWindows = {
  guard let windows = AlignedWindows(.sliding(size: 10, slide: 5)) else {
    preconditionFailure("no windows")
  }
  return windows
}()

private func make(_ way: WindowWay) throws -> Operation {
  var operation = try way.make(
    windows, "count(*), sum(n), avg(x), count(DISTINCT n), last(k), collect_list(x)", by: "k")
  operation.keepChanges()
  return operation
}

private let input = TimedEpoch(
  rows: (0..<40).map { number in
    TimedRow(
      time: Int64(number) * 2 - 30, key: ["a", "b", nil][number % 3], n: Int32(number), x: 0.5)
  })

/// The state of some open windows.
private func state(_ way: WindowWay) throws -> Batch {
  var operation = try make(way)
  _ = try WindowRun(&operation, input.batch, input, 1)
  var batches: [Batch] = []
  try operation.snapshot { batches.append($0) }
  return Batch.concatenating(batches, schema: operation.stateSchema)
}

@Suite("damaged states of windows")
struct WindowDamageTests {
  @Test("are refused or of no consequence, whatever they hold", arguments: ways)
  func garbage(way: WindowWay) throws {
    let sound = try state(way)
    var (random, refused) = (SplitMix64(seed: 7), 0)
    for _ in 0..<600 {
      let batch = damaged(sound, &random)
      let change: Change = Int.random(in: 0..<4, using: &random) == 0 ? .delete : .insert
      var operation = try make(way)
      do {
        if Bool.random(using: &random) { try operation.restore(sound, .insert) }
        try operation.restore(batch, change)
      } catch let error as StreamError {
        #expect(error.kind == .io, "\(error.message)")
        refused += 1
        continue
      }
      // What looks sound can be worked with, though its sums may overflow.
      do {
        _ = try WindowRun(&operation, input.batch, input, 2, saves: true)
        let end = TimedEpoch(after: 20, isFinal: true)
        let last = try WindowRun(&operation, end.batch, end, 3, saves: true)
        #expect(last.outcome.stateRows == 0)
      } catch let error as StreamError {
        #expect(error.kind == .data, "\(error.message)")
      }
    }
    #expect(refused > 300 && refused < 600)
  }

  /// One or two things that can go wrong with a batch.
  private func damaged(_ sound: Batch, _ random: inout SplitMix64) -> Batch {
    var (fields, columns, count) = (sound.schema.fields, sound.columns, sound.rowCount)
    for _ in 0..<Int.random(in: 1...2, using: &random) where !columns.isEmpty {
      let index = Int.random(in: columns.indices, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0:
        let type = someTypes.randomElement(using: &random) ?? .void
        fields[index].type = type
        columns[index] = trickyColumn(type, count: count, &random)
      case 1:
        columns[index] = trickyColumn(fields[index].type, count: count, &random)
      case 2: columns[index] = Column.nulls(fields[index].type, count: count)
      case 3:
        fields.remove(at: index)
        columns.remove(at: index)
      case 4:
        let other = Int.random(in: columns.indices, using: &random)
        fields.swapAt(index, other)
        columns.swapAt(index, other)
      case 5:
        count = Int.random(in: 0...2 * count, using: &random)
        let rows = (0..<count).map { _ in
          Int32.random(in: 0..<Int32(max(columns[0].count, 1)), using: &random)
        }
        let available = columns[0].count > 0
        count = available ? count : 0
        columns = columns.map { $0.gathering(Buffer(available ? rows : [])) }
      case 6:
        // Near to what is right.
        let times = columns[index].values.map { value -> Value in
          guard case .integer(let number) = value else { return value }
          return .integer(number &+ Int64.random(in: -1...1, using: &random))
        }
        columns[index] = Column(fields[index].type, values: times)
      default: fields[index].name += "x"
      }
    }
    return Batch(schema: Schema(fields), columns: columns, rowCount: count)
  }

  @Test("are refused, and it is said why")
  func refused() throws {
    let pane = try state(.panes)
    let group = try state(.update)
    func replacing(_ batch: Batch, _ index: Int, _ column: Column) -> Batch {
      var (fields, columns) = (batch.schema.fields, batch.columns)
      (fields[index].type, columns[index]) = (column.type, column)
      return Batch(schema: Schema(fields), columns: columns, rowCount: batch.rowCount)
    }
    func times(_ time: Int64?, like batch: Batch) -> Column {
      Column([Int64?](repeating: time, count: batch.rowCount), as: .timestamp)
    }
    let keys = Batch(
      schema: Schema(Array(pane.schema.fields[..<2])), columns: Array(pane.columns[..<2]))
    for (way, batch, change, reason) in [
      (.panes, replacing(pane, 0, times(nil, like: pane)), .insert, "a pane has no time"),
      (.panes, replacing(pane, 0, times(.max, like: pane)), .insert, "a pane has no time"),
      (.panes, replacing(pane, 0, times(1, like: pane)), .insert, "a pane begins where none does"),
      (.panes, replacing(pane, 0, times(5, like: pane)), .insert, "a key comes twice in one batch"),
      (.panes, replacing(keys, 0, times(1, like: pane)), .delete, "a pane begins where none does"),
      (
        .panes, replacing(keys, 0, Column([Double?](repeating: 1, count: keys.rowCount))), .delete,
        "the column 'pane_start double' where this query keeps 'pane_start timestamp'"
      ),
      (.panes, group, .insert, "the column 'window_start timestamp' where this query keeps"),
      (.panes, group, .delete, "the column 'window_start timestamp' where this query keeps"),
      (.update, pane, .delete, "the column 'pane_start timestamp' where this query keeps"),
      (.update, replacing(group, 1, times(nil, like: group)), .insert, "a window has no end"),
      (.append, replacing(group, 0, times(nil, like: group)), .insert, "a window has no start"),
    ] as [(WindowWay, Batch, Change, String)] {
      var operation = try make(way)
      let error = #expect(throws: StreamError.self) { try operation.restore(batch, change) }
      #expect(error?.kind == .io)
      #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }
    var whole = try make(.complete)
    let error = #expect(throws: StreamError.self) { try whole.restore(group, .delete) }
    #expect(error?.message.contains("groups are deleted") == true)
  }
}
