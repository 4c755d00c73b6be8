package import Columnar
internal import Diagnostics
internal import Formats

/// A file, or the files of a directory or a pattern, read to the end once: a table beside the stream.
///
/// The formats and their rules are those of a source of files; but a table is whole or not at all, so
/// that a malformed record ends the reading.
package final class TableFile {
  package let schema: Schema
  private let input: any RowInput

  /// Waits until the columns are known.
  ///
  /// - Parameter path: its ending says the format; else it is text.
  /// - Throws: a usage error for what is not there or cannot be read.
  package init(_ path: String, notices: Notices = .none) throws {
    let files = try FileListing([path]).files
    var plan = InputPlan(format: try FileEnding.commonFormat(of: files))
    plan.malformed = .fail
    let opener = InputOpener(files: files, stop: .none)
    input =
      plan.format == .arrow
      ? try ArrowInput(opener, plan: plan, stop: .none, notices: notices)
      : try RecordInput(opener, plan: plan, stop: .none, notices: notices)
    schema = input.schema
  }

  /// - Returns: nil at the end.
  /// - Throws: a data error with the place of a record that is not what the others are.
  package func next() throws -> Batch? {
    do {
      while true {
        switch try input.next(until: .never) {
        case .rows(let batch, _, _): return batch
        case .end: return nil
        case .fileEnd, .nothingYet: continue
        }
      }
    } catch var error as StreamError {
      // Advice for a source of records, which has options that a table has not.
      error.hint = nil
      throw error
    }
  }
}
