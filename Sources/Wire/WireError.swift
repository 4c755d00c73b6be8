/// Endings of a pipe that are no error to report.
package enum WireError: Error, Equatable {
  /// The downstream has closed its end: stop quietly, status 0, commit nothing.
  case closed
  /// A stage before failed and said so: exit with its status, silently, having passed it on.
  case failed(Failure)
}
