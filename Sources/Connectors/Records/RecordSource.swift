package import Columnar
internal import Formats

/// An input that knows what its records hold.
package protocol RecordSource: MeasuredInput {
  /// Before columns are chosen.
  var record: Schema { get }
}

extension RecordInput: RecordSource {}
extension BatchFiles: RecordSource {}
extension SocketInput: RecordSource {}

/// Opens an input of records, of whatever format.
///
/// - Parameters:
///   - observer: keeps account of the files; nil without a checkpoint.
///   - malformed: what becomes of malformed records; nil for what the plan says.
package func openRecords(
  _ opener: InputOpener, _ plan: InputPlan, _ stop: StopSignal, _ notices: Notices,
  _ observer: (any FileObserver)? = nil, _ malformed: MalformedRecords? = nil
) throws -> any RecordSource {
  switch plan.format {
  case .arrow, .parquet:
    return try BatchFiles(opener, plan: plan, stop: stop, notices: notices, observer: observer)
  case .text, .csv, .json: break
  }
  return try RecordInput(
    opener, plan: plan, stop: stop, notices: notices, observer: observer, malformed: malformed)
}
