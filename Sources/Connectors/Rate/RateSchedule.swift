/// When the rows of a steady source are due: row `i` a fixed time after the start.
///
/// All arithmetic is exact, so that the rows are a function of the times at which one looks.
package struct RateSchedule: Sendable, Equatable {
  private let rowsPerSecond: Int128
  /// How long the rate grows evenly from nothing, in µs.
  private let rampUp: Int128

  /// - Parameters:
  ///   - rowsPerSecond: 1 to 10⁹.
  ///   - rampUp: µs, 0 to 10¹².
  package init(rowsPerSecond: Int64, rampUp: Int64 = 0) {
    precondition(1...1_000_000_000 ~= rowsPerSecond && 0...1_000_000_000_000 ~= rampUp)
    self.rowsPerSecond = Int128(rowsPerSecond)
    self.rampUp = Int128(rampUp)
  }

  private static let second: Int128 = 1_000_000

  /// How many rows are due so many µs after the start.
  package func count(at elapsed: Int64) -> Int64 {
    guard elapsed >= 0 else { return 0 }
    let time = Int128(elapsed)
    let last =
      time < rampUp
      ? rowsPerSecond * time * time / (2 * rampUp * Self.second)
      : rowsPerSecond * (2 * time - rampUp) / (2 * Self.second)
    return Int64(clamping: last + 1)
  }

  /// When a row is due: µs after the start, the least for which ``count(at:)`` counts it.
  package func time(of row: Int64) -> Int64 {
    let scaled = 2 * Int128(row) * Self.second
    if scaled >= rampUp * rowsPerSecond {
      return Int64(clamping: (scaled + rampUp * rowsPerSecond).dividedUp(by: 2 * rowsPerSecond))
    }
    var time = Int128((Double(scaled * rampUp) / Double(rowsPerSecond)).squareRoot())
    while rowsPerSecond * time * time >= scaled * rampUp, time > 0 { time -= 1 }
    while rowsPerSecond * time * time < scaled * rampUp { time += 1 }
    return Int64(time)
  }
}

extension Int128 {
  /// The least integer that is not below the quotient; both are positive.
  fileprivate func dividedUp(by divisor: Int128) -> Int128 { (self + divisor - 1) / divisor }
}
