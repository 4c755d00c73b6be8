import Glibc

/// How many different values the registers of a HyperLogLog sketch stand for: Ertl's estimator,
/// which needs no tables ("New cardinality estimation algorithms for HyperLogLog sketches", 2017).
package enum RegisterEstimate {
  /// - Parameter histogram: how many registers have each rank, from 0 to the greatest there can be.
  package static func count(_ histogram: [Int]) -> Double {
    let count = Double(histogram.reduce(0, +))
    var sum = count * saturation(1 - Double(histogram[histogram.count - 1]) / count)
    for rank in stride(from: histogram.count - 2, through: 1, by: -1) {
      sum = 0.5 * (sum + Double(histogram[rank]))
    }
    sum += count * emptiness(Double(histogram[0]) / count)
    return count * count / (2 * log(2) * sum)
  }

  /// Ertl's sigma: what empty registers stand for.
  private static func emptiness(_ share: Double) -> Double {
    guard share < 1 else { return .infinity }
    var (power, weight, sum, last) = (share, 1.0, share, -1.0)
    while sum != last {
      power *= power
      last = sum
      sum += power * weight
      weight += weight
    }
    return sum
  }

  /// Ertl's tau: what full registers stand for.
  private static func saturation(_ share: Double) -> Double {
    guard share > 0, share < 1 else { return 0 }
    var (root, weight, sum, last) = (share, 1.0, 1 - share, -1.0)
    while sum != last {
      root = root.squareRoot()
      last = sum
      weight *= 0.5
      sum -= (1 - root) * (1 - root) * weight
    }
    return sum / 3
  }
}
