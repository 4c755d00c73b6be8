import Columnar

/// The variance family, skewness and kurtosis, by Spark's recurrences for central moments.
final class MomentAccumulator: Accumulator {
  enum Statistic: Sendable {
    case variancePopulation
    case varianceSample
    case deviationPopulation
    case deviationSample
    case skewness
    case kurtosis
  }

  private struct State: BitwiseCopyable {
    var count: Double = 0
    var mean: Double = 0
    /// Sums of the second, third and fourth powers of the distances from the mean.
    var second: Double = 0
    var third: Double = 0
    var fourth: Double = 0
  }

  private var states = GroupStates(State())
  private let statistic: Statistic

  init(_ statistic: Statistic) { self.statistic = statistic }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let values = doubles(arguments[0]).span
    let validity = commonValidity(arguments)
    switch statistic {
    case .skewness, .kurtosis:
      states.update(rows, validity) { state, row in
        let distance = values[row] - state.mean
        let step = MomentAccumulator.addSecond(distance, &state)
        let (square, stepSquare) = (distance * distance, step * step)
        state.third += distance * (square - stepSquare) - 3 * step * state.second
        state.fourth +=
          distance * (distance * square - step * stepSquare)
          - 4 * step * state.third - 6 * stepSquare * state.second
      }
    default:
      states.update(rows, validity) { state, row in
        _ = MomentAccumulator.addSecond(values[row] - state.mean, &state)
      }
    }
  }

  /// Takes a value in up to the second moment; returns by how much the mean moved.
  @inline(__always)
  private static func addSecond(_ distance: Double, _ state: inout State) -> Double {
    state.count += 1
    let step = distance / state.count
    state.mean += step
    state.second += distance * (distance - step)
    return step
  }

  func result(of groups: Buffer<Int32>) -> Column { states.doubles(groups, value) }

  private func value(_ state: State) -> Double? {
    let count = state.count
    guard count > 0 else { return nil }
    switch statistic {
    case .variancePopulation: return state.second / count
    case .deviationPopulation: return (state.second / count).squareRoot()
    case .varianceSample: return count == 1 ? nil : state.second / (count - 1)
    case .deviationSample: return count == 1 ? nil : (state.second / (count - 1)).squareRoot()
    case .skewness:
      guard state.second != 0 else { return nil }
      return count.squareRoot() * state.third
        / (state.second * state.second * state.second).squareRoot()
    case .kurtosis:
      guard state.second != 0 else { return nil }
      return count * state.fourth / (state.second * state.second) - 3
    }
  }

  var byteCount: Int { states.byteCount }

  /// Up to which a double counts.
  static let countMax: Int64 = 1 << 53

  /// How many of the sums of powers are kept up.
  private var momentCount: Int {
    switch statistic {
    case .skewness, .kurtosis: 3
    default: 1
    }
  }

  var stateParts: [StatePart] {
    [StatePart("count", .bigint), StatePart("mean", .double)]
      + (0..<momentCount).map { StatePart("moment\($0 + 2)", .double) }
  }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    let moments = [
      states.doubles(groups) { $0.second }, states.doubles(groups) { $0.third },
      states.doubles(groups) { $0.fourth },
    ]
    return [states.words(groups) { Int64($0.count) }, states.doubles(groups) { $0.mean }]
      + moments[..<momentCount]
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let counts = try columns[0].counts(upTo: MomentAccumulator.countMax)
    let (means, seconds) = (try columns[1].stateDoubles(), try columns[2].stateDoubles())
    guard momentCount > 1 else {
      return states.restore(groups) { row in
        State(count: Double(counts[row]), mean: means[row], second: seconds[row])
      }
    }
    let (thirds, fourths) = (
      try columns[3].stateDoubles(), try columns[4].stateDoubles()
    )
    states.restore(groups) { row in
      State(
        count: Double(counts[row]), mean: means[row], second: seconds[row], third: thirds[row],
        fourth: fourths[row])
    }
  }
}
