import Columnar

/// `bit_and`, `bit_or`, `bit_xor` over integers.
final class BitAccumulator: RowState {
  enum Operation: Sendable {
    case and
    case or
    case xor
  }

  private struct State: BitwiseCopyable {
    var bits: Int64
    var hasRows = false
  }

  private var states: GroupStates<State>
  private let type: DataType
  private let operation: Operation

  init(_ type: DataType, _ operation: Operation) {
    self.type = type
    self.operation = operation
    states = GroupStates(State(bits: operation == .and ? -1 : 0))
  }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let words = arguments[0].words().span
    let validity = arguments[0].validity
    switch operation {
    case .and:
      states.update(rows, validity) { state, row in
        state = State(bits: state.bits & words[row], hasRows: true)
      }
    case .or:
      states.update(rows, validity) { state, row in
        state = State(bits: state.bits | words[row], hasRows: true)
      }
    case .xor:
      states.update(rows, validity) { state, row in
        state = State(bits: state.bits ^ words[row], hasRows: true)
      }
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    let (words, validity) = states.map(groups, 0) { $0.hasRows ? $0.bits : nil }
    return Column(type, words: words, validity: validity)
  }

  var byteCount: Int { states.byteCount }

  /// Null without rows.
  var stateParts: [StatePart] { [StatePart("bits", type)] }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] { [result(of: groups)] }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let (words, validity) = (try columns[0].stateWords(), columns[0].validity)
    let initial = State(bits: operation == .and ? -1 : 0)
    states.restore(groups) { row in
      validity.isSet(row) ? State(bits: words[row], hasRows: true) : initial
    }
  }
}
