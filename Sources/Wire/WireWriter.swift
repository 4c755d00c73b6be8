package import Columnar

/// The upstream end of a pipe.
///
/// A reader that has gone away surfaces as `WireError.closed`.
package final class WireWriter {
  package init(descriptor: Int32, compression: Compression = .auto) {}

  /// Sends the header; once, before everything else.
  package func begin(_ header: Header, _ schema: Schema) throws {}

  /// - Precondition: the batch has the schema of `begin`.
  package func write(_ batch: Batch, _ stamp: EpochStamp, isDeletion: Bool = false) throws {}

  /// Passes rows on; bytes are neither decoded nor compressed anew where the schema is the same.
  package func write(_ frame: RowFrame) throws {}

  package func write(_ marker: Ledger) throws {}

  /// Passes a failure on, or reports this stage's own: the last thing to be written. Allowed before
  /// `begin`, too.
  package func write(_ failure: Failure) throws {}

  /// The end-of-stream mark: after the last marker, never on an error.
  package func end() throws {}
}
