internal import Operators
internal import Wire

/// What a stage counts within an epoch.
struct EpochMetrics {
  var rowsIn: Int64 = 0
  var rowsOut: Int64 = 0
  var lateRows: Int64 = 0
  var unusableRows: Int64 = 0
  var microseconds: Int64 = 0

  mutating func add(_ other: EpochMetrics) {
    rowsIn += other.rowsIn
    rowsOut += other.rowsOut
    lateRows += other.lateRows
    unusableRows += other.unusableRows
    microseconds += other.microseconds
  }

  func signed(_ outcome: EpochOutcome) -> [Metric] {
    var metrics = [
      Metric("rowsIn", rowsIn), Metric("rowsOut", rowsOut),
      Metric("stateRows", Int64(outcome.stateRows)),
      Metric("stateBytes", Int64(outcome.stateBytes)),
      Metric("lateRows", lateRows), Metric("unusableRows", unusableRows),
      Metric("ms", microseconds / 1000),
    ]
    if let openWindows = outcome.openWindows {
      metrics.append(Metric("openWindows", Int64(openWindows)))
    }
    if let nextClose = outcome.nextClose { metrics.append(Metric("nextClose", nextClose)) }
    return metrics
  }
}
