import Columnar

/// `corr`, `covar` and `regr` functions of two numbers, over the rows that have both.
///
/// The first argument is y of the `regr` functions, the second is x.
final class CovarianceAccumulator: Accumulator {
  enum Statistic: Sendable {
    case correlation
    case covariancePopulation
    case covarianceSample
    case regressionCount
    case regressionAverageX
    case regressionAverageY
    case regressionSlope
    case regressionIntercept
    case regressionR2
    case regressionSXX
    case regressionSXY
    case regressionSYY
  }

  private struct State: BitwiseCopyable {
    var count: Double = 0
    var meanX: Double = 0
    var meanY: Double = 0
    /// Sums of products of the distances from the means.
    var sumXX: Double = 0
    var sumXY: Double = 0
    var sumYY: Double = 0

    /// Takes the pairs of another in, as ``MomentAccumulator`` does with values.
    mutating func add(_ other: State) {
      guard count > 0, other.count > 0 else {
        if count == 0 { self = other }
        return
      }
      let (both, share) = (count + other.count, other.count / (count + other.count))
      let (distanceX, distanceY) = (other.meanX - meanX, other.meanY - meanY)
      let weight = count * share
      sumXX += other.sumXX + distanceX * distanceX * weight
      sumXY += other.sumXY + distanceX * distanceY * weight
      sumYY += other.sumYY + distanceY * distanceY * weight
      meanX += distanceX * share
      meanY += distanceY * share
      // A state from a disk may claim any count.
      count = min(both, Double(MomentAccumulator.countMax))
    }
  }

  private var states = GroupStates(State())
  private let statistic: Statistic

  init(_ statistic: Statistic) { self.statistic = statistic }

  func resize(to count: Int) { states.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let (ys, xs) = (doubles(arguments[0]).span, doubles(arguments[1]).span)
    states.update(rows, commonValidity(arguments)) { state, row in
      let (x, y) = (xs[row], ys[row])
      let (distanceX, distanceY) = (x - state.meanX, y - state.meanY)
      state.count += 1
      state.meanX += distanceX / state.count
      state.meanY += distanceY / state.count
      state.sumXX += distanceX * (x - state.meanX)
      state.sumXY += distanceX * (y - state.meanY)
      state.sumYY += distanceY * (y - state.meanY)
    }
  }

  func result(of groups: Buffer<Int32>) -> Column {
    if statistic == .regressionCount {
      return Column(.bigint, .int64(states.map(groups, 0) { Int64($0.count) }.0))
    }
    return states.doubles(groups, value)
  }

  private func value(_ state: State) -> Double? {
    let count = state.count
    guard count > 0 else { return nil }
    switch statistic {
    case .correlation:
      let spread = (state.sumXX * state.sumYY).squareRoot()
      return count == 1 || spread == 0 ? nil : state.sumXY / spread
    case .covariancePopulation: return state.sumXY / count
    case .covarianceSample: return count == 1 ? nil : state.sumXY / (count - 1)
    case .regressionCount: return count
    case .regressionAverageX: return state.meanX
    case .regressionAverageY: return state.meanY
    case .regressionSlope: return slope(state)
    case .regressionIntercept: return slope(state).map { state.meanY - $0 * state.meanX }
    case .regressionR2:
      if state.sumXX == 0 { return nil }
      return state.sumYY == 0 ? 1 : state.sumXY * state.sumXY / (state.sumXX * state.sumYY)
    case .regressionSXX: return state.sumXX
    case .regressionSXY: return state.sumXY
    case .regressionSYY: return state.sumYY
    }
  }

  private func slope(_ state: State) -> Double? {
    state.count < 2 || state.sumXX == 0 ? nil : state.sumXY / state.sumXX
  }

  var byteCount: Int { states.byteCount }

  let stateParts =
    [StatePart("count", .bigint)]
    + ["mean_x", "mean_y", "sum_xx", "sum_xy", "sum_yy"].map { StatePart($0, .double) }

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [
      states.words(groups) { Int64($0.count) }, states.doubles(groups) { $0.meanX },
      states.doubles(groups) { $0.meanY }, states.doubles(groups) { $0.sumXX },
      states.doubles(groups) { $0.sumXY }, states.doubles(groups) { $0.sumYY },
    ]
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    let saved = try read(columns)
    states.restore(groups) { saved[$0] }
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    states.merge(try read(columns), into: groups) { state, other in state.add(other) }
  }

  private func read(_ columns: [Column]) throws(StateDamage) -> Buffer<State> {
    let counts = try columns[0].counts(upTo: MomentAccumulator.countMax)
    let (meanX, meanY) = (try columns[1].stateDoubles(), try columns[2].stateDoubles())
    let (sumXX, sumXY) = (try columns[3].stateDoubles(), try columns[4].stateDoubles())
    let sumYY = try columns[5].stateDoubles()
    return Buffer(count: counts.count) { output in
      for row in 0..<counts.count {
        output.append(
          State(
            count: Double(counts[row]), meanX: meanX[row], meanY: meanY[row], sumXX: sumXX[row],
            sumXY: sumXY[row], sumYY: sumYY[row]))
      }
    }
  }
}
