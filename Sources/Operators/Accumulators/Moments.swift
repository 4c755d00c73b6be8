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

    /// Takes the values of another in, by the formulas of Chan, Golub and LeVeque ("Updating
    /// formulae and a pairwise algorithm for computing sample variances", 1979) and what Pébay made
    /// of them for higher moments ("Formulas for robust, one-pass parallel computation of
    /// covariances and arbitrary-order statistical moments", 2008).
    mutating func add(_ other: State, withHigherMoments: Bool) {
      guard count > 0, other.count > 0 else {
        if count == 0 { self = other }
        return
      }
      let (left, right, both) = (count, other.count, count + other.count)
      let distance = other.mean - mean
      let step = distance / both
      let product = distance * step * left * right
      if withHigherMoments {
        fourth +=
          other.fourth + step * step * product * (left * left - left * right + right * right)
          + 6 * step * step * (left * left * other.second + right * right * second)
          + 4 * step * (left * other.third - right * third)
        third +=
          other.third + step * product * (left - right)
          + 3 * step * (left * other.second - right * second)
      }
      second += other.second + product
      mean += step * right
      // A state from a disk may claim any count.
      count = min(both, Double(MomentAccumulator.countMax))
    }
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

  /// Whether the sums of third and fourth powers are kept up.
  private var hasHigherMoments: Bool { statistic == .skewness || statistic == .kurtosis }

  private var momentCount: Int { hasHigherMoments ? 3 : 1 }

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
    let saved = try read(columns)
    states.restore(groups) { saved[$0] }
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    states.merge(try read(columns), into: groups) { [hasHigherMoments] state, other in
      state.add(other, withHigherMoments: hasHigherMoments)
    }
  }

  private func read(_ columns: [Column]) throws(StateDamage) -> Buffer<State> {
    let counts = try columns[0].counts(upTo: MomentAccumulator.countMax)
    let (means, seconds) = (try columns[1].stateDoubles(), try columns[2].stateDoubles())
    let higher =
      hasHigherMoments
      ? (try columns[3].stateDoubles(), try columns[4].stateDoubles()) : nil
    return Buffer(count: counts.count) { output in
      for row in 0..<counts.count {
        var state = State(count: Double(counts[row]), mean: means[row], second: seconds[row])
        if let higher { (state.third, state.fourth) = (higher.0[row], higher.1[row]) }
        output.append(state)
      }
    }
  }
}
