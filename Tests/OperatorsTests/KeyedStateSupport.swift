import Columnar
import Expressions
import Operators
import TestSupport

/// A row of the tests' input.
struct KeyedRow {
  var key: Value
  var number: Int64
  var time: Int64?
}

/// What is done to a key, by the program and by its twin: the state is the sum of all numbers, which is
/// forgotten whenever it is divisible by 7; a key has as many rows as the sum's last digit says, at most
/// 3; a timeout doubles the sum.
struct Summing {
  static let output = Schema([Field("k", .string), Field("sum", .bigint), Field("place", .int)])

  static func call(
    _ key: Value, _ state: Int64?, _ numbers: [Int64], isTimeout: Bool
  ) -> (state: Int64?, rows: [String]) {
    var sum = numbers.reduce(state ?? 0, &+)
    if isTimeout { sum = sum &* 2 }
    let rows = (0..<min(3, Int((sum % 10).magnitude))).map { "\(key) \(sum) \($0)" }
    return (sum % 7 == 0 ? nil : sum, rows)
  }
}

/// A program within the process; it answers in pieces of any size.
final class SummingProgram: KeyedProgram {
  var isAbandoned: () -> Bool = { false }
  private var random: SplitMix64
  private var epoch: ProgramEpoch?
  private var rows: [Batch] = []
  /// What it was called for.
  private(set) var calls: [String] = []
  private(set) var epochs: [ProgramEpoch] = []
  private(set) var isConcluded = false

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  func begin(_ epoch: ProgramEpoch, rows: [Batch]) {
    precondition(self.epoch == nil)
    self.epoch = epoch
    self.rows = rows
    epochs.append(epoch)
  }

  func answer(_ calls: ProgramCalls, take: (ProgramAnswers) throws -> Void) throws {
    precondition(epoch != nil && calls.states.count == calls.count)
    var first = 0
    while first < calls.count {
      let count = Int.random(in: 1...min(calls.count - first, 7), using: &random)
      try take(answers(calls, first..<first + count))
      first += count
    }
  }

  private func answers(_ calls: ProgramCalls, _ range: Range<Int>) -> ProgramAnswers {
    var states: [String?] = []
    var rows: [[Value]] = []
    for call in range {
      let key = calls.keys.columns[0].value(call)
      let numbers = calls.places[calls.starts[call]..<calls.starts[call + 1]].map { place in
        guard
          case .integer(let number) = self.rows[Int(place.batch)].columns[1].value(
            Int(place.row))
        else { preconditionFailure("a number") }
        return number
      }
      var state: Int64?
      if case .string(let text) = calls.states.value(call) { state = Int64(text) }
      self.calls.append(SummingProgram.describe(key, state, numbers, isTimeout: calls.isTimeout))
      let answer = Summing.call(key, state, numbers, isTimeout: calls.isTimeout)
      states.append(answer.state.map { "\($0)" })
      rows += answer.rows.map { row in
        let words = row.split(separator: " ").map(String.init)
        let name = words.dropLast(2).joined(separator: " ")
        return [
          .string(name), .integer(Int64(words[words.count - 2]) ?? 0),
          .integer(Int64(words[words.count - 1]) ?? 0),
        ]
      }
    }
    let columns = Summing.output.fields.enumerated().map { index, field in
      Column(field.type, values: rows.map { $0[index] })
    }
    return ProgramAnswers(
      states: Column(states),
      rows: Batch(schema: Summing.output, columns: columns, rowCount: rows.count))
  }

  static func describe(
    _ key: Value, _ state: Int64?, _ numbers: [Int64], isTimeout: Bool
  ) -> String {
    let state = state.map { "\($0)" } ?? "-"
    return "\(key) \(state) \(numbers)\(isTimeout ? " timeout" : "")"
  }

  func endEpoch() {
    epoch = nil
    rows = []
  }

  func conclude() { isConcluded = true }
}

/// The slow twin: everything by name, looked through from one end to the other.
struct KeyedTwin {
  let timeout: KeyedPlan.Timeout?
  let judgesTime: Bool
  private var states: [(key: Value, state: Int64, latest: Int64?)] = []
  private(set) var lateCount = 0
  private(set) var unusableCount = 0
  var count: Int { states.count }

  init(_ timeout: KeyedPlan.Timeout?, judgesTime: Bool) {
    self.timeout = timeout
    self.judgesTime = judgesTime
  }

  private func state(_ key: Value) -> (state: Int64, latest: Int64?)? {
    states.first { $0.key == key }.map { ($0.state, $0.latest) }
  }

  private mutating func set(_ key: Value, _ state: Int64?, _ latest: Int64?) {
    states.removeAll { $0.key == key }
    if let state { states.append((key, state, latest)) }
  }

  /// - Returns: the calls and the rows of an epoch.
  mutating func epoch(_ rows: [KeyedRow], _ end: EpochEnd) -> (calls: [String], rows: [String]) {
    var (calls, results) = ([String](), [String]())
    let usable = rows.filter { isUsable($0, end.epoch.watermark) }
    var keys: [Value] = []
    for row in usable where !keys.contains(row.key) { keys.append(row.key) }
    var round = 0
    let most = KeyedState.rowsPerCallMax
    while true {
      let open = keys.filter { key in usable.count { $0.key == key } > round * most }
      if open.isEmpty { break }
      for key in open {
        let all = usable.filter { $0.key == key }
        let numbers = all.dropFirst(round * most).prefix(most).map(\.number)
        let former = state(key)
        calls.append(SummingProgram.describe(key, former?.state, numbers, isTimeout: false))
        let answer = Summing.call(key, former?.state, numbers, isTimeout: false)
        var latest: Int64?
        switch timeout?.clock {
        case .event: latest = (all.compactMap(\.time) + [former?.latest].compactMap { $0 }).max()
        case .processing: latest = end.epoch.time
        case nil: break
        }
        set(key, answer.state, latest)
        results += answer.rows
      }
      round += 1
    }
    for key in silent(end) {
      let former = state(key)
      calls.append(SummingProgram.describe(key, former?.state, [], isTimeout: true))
      let answer = Summing.call(key, former?.state, [], isTimeout: true)
      set(key, answer.state, nil)
      results += answer.rows
    }
    return (calls, results)
  }

  private mutating func isUsable(_ row: KeyedRow, _ watermark: Int64?) -> Bool {
    guard judgesTime else { return true }
    guard let time = row.time else {
      if timeout?.clock == .event { unusableCount += 1 }
      return timeout?.clock != .event
    }
    if let watermark, time <= watermark {
      lateCount += 1
      return false
    }
    return true
  }

  private func silent(_ end: EpochEnd) -> [Value] {
    guard let timeout, let now = timeout.clock == .event ? end.closingTime : end.epoch.time
    else { return [] }
    let due = states.compactMap { entry in
      entry.latest.map { (deadline: $0 + timeout.duration, key: entry.key) }
    }
    return due.filter { $0.deadline <= now }.sorted { left, right in
      (left.deadline, KeyedTwin.order(left.key)) < (right.deadline, KeyedTwin.order(right.key))
    }.map(\.key)
  }

  /// Nulls first.
  private static func order(_ key: Value) -> String {
    switch key {
    case .integer(let number): "1" + String(number + 1_500_000)
    case .string(let text): "1" + text
    default: "0"
    }
  }
}
