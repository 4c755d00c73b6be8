package import Columnar

/// The downstream end of a pipe.
package final class WireReader {
  package let header: Header
  package let schema: Schema
  /// A plain Arrow stream of another program: one final epoch.
  package let isForeign: Bool

  /// Waits for the header.
  ///
  /// - Throws: `StreamError(.usage)` when something else than a record stream comes,
  ///   `StreamError(.unavailable)` when the upstream died, `WireError.failed` when it said why.
  package init(descriptor: Int32) throws { throw WireError.closed }

  /// Waits for the next frame.
  ///
  /// - Returns: nil after the end-of-stream mark.
  /// - Throws: `StreamError(.unavailable)` at an end of file without that mark.
  package func next() throws -> Frame? { nil }

  /// Whether `next()` can answer without waiting for the upstream.
  package var hasBufferedFrame: Bool { false }

  /// Waits until something can be read.
  ///
  /// - Parameter milliseconds: 0 looks only, a negative number waits for ever.
  /// - Returns: false when the time is over.
  package func waitForInput(milliseconds: Int) throws -> Bool { true }
}
