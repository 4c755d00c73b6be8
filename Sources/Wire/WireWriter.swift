import ArrowIPC
package import Columnar
import Diagnostics
import Glibc
import JSONText

/// A program beside a stage, which may end or say something while there are no rows for it.
package protocol Companion: AnyObject {
  /// Can be read from when there is something to check; -1 when there is nothing to watch.
  var descriptor: Int32 { get }

  /// Looks what there is, so that it is not there any more.
  func check() throws
}

/// The upstream end of a pipe.
///
/// Every call has written all its bytes when it returns. A reader that has gone away surfaces as
/// `WireError.closed`; so SIGPIPE is ignored from the first writer on, which a program that starts
/// others must undo for them.
package final class WireWriter {
  let descriptor: Int32
  /// Looked at while a stage waits for rows.
  package weak var companion: (any Companion)?
  private let stream: ArrowStreamWriter
  private var compressor: Compressor
  private var empty: Batch?
  private var lastStamp: (stamp: EpochStamp, text: String)?

  /// - Parameter descriptor: stays the caller's; it may be non-blocking.
  package init(descriptor: Int32, compression: Compression = .auto) {
    self.descriptor = descriptor
    signal(SIGPIPE, SIG_IGN)
    enlargePipe(descriptor)
    stream = ArrowStreamWriter(DescriptorSink(descriptor))
    compressor = Compressor(compression, descriptor: descriptor)
  }

  /// What was written, in all.
  package var byteCount: Int { stream.byteCount }

  /// Sends the header; once, before everything else.
  package func begin(_ header: Header, _ schema: Schema) throws {
    empty = Batch(empty: schema)
    try send { () throws(ArrowError) in try stream.begin(schema, metadata: header.metadata) }
  }

  /// - Precondition: the batch has the schema of `begin`.
  package func write(_ batch: Batch, _ stamp: EpochStamp, isDeletion: Bool = false) throws {
    let metadata = metadata(stamp, isDeletion)
    let before = (time: Clock.monotonic, written: stream.byteCount)
    try send { () throws(ArrowError) in
      try stream.write(batch, metadata: metadata, compression: compressor.mode)
    }
    compressor.note(batch, written: stream.byteCount - before.written, since: before.time)
  }

  /// Passes rows on; bytes are neither decoded nor compressed anew where the schema is the same.
  package func write(_ frame: RowFrame) throws {
    let metadata = frame.lacksStamp ? metadata(frame.stamp, frame.isDeletion) : nil
    var isPassed = false
    try send { () throws(ArrowError) in
      isPassed = try stream.pass(frame.rows, metadata: metadata)
    }
    if !isPassed { try write(frame.batch(), frame.stamp, isDeletion: frame.isDeletion) }
  }

  package func write(_ marker: Ledger) throws {
    try writeEmpty(KeyValue(MetadataKey.marker, marker.json.text))
  }

  /// Passes a failure on, or reports this stage's own: the last thing to be written. Allowed before
  /// `begin`, too.
  package func write(_ failure: Failure) throws {
    let pair = KeyValue(MetadataKey.failure, failure.json.text)
    if empty != nil { return try writeEmpty(pair) }
    try send { () throws(ArrowError) in try stream.begin(Schema([]), metadata: [pair]) }
  }

  /// The end-of-stream mark: after the last marker, never on an error.
  package func end() throws {
    try send { () throws(ArrowError) in try stream.end() }
  }

  private func writeEmpty(_ pair: KeyValue) throws {
    guard let empty else { preconditionFailure("a frame before the header") }
    try send { () throws(ArrowError) in try stream.write(empty, metadata: [pair]) }
  }

  private func metadata(_ stamp: EpochStamp, _ isDeletion: Bool) -> [KeyValue] {
    if lastStamp?.stamp != stamp { lastStamp = (stamp, stamp.json.text) }
    var metadata = [KeyValue(MetadataKey.epoch, lastStamp?.text ?? "")]
    if isDeletion { metadata.append(KeyValue(MetadataKey.change, "delete")) }
    return metadata
  }

  private func send(_ body: () throws(ArrowError) -> Void) throws {
    do throws(ArrowError) { try body() } catch {
      guard case .system(let code, let words) = error else {
        throw StreamError(.internal, error.message)
      }
      if code == EPIPE || code == ECONNRESET { throw WireError.closed }
      throw StreamError(.io, words, location: "standard output")
    }
  }
}

/// Which frames go compressed.
private struct Compressor {
  private let fixed: BodyCompression?
  private var choice: CompressionChoice

  init(_ compression: Compression, descriptor: Int32) {
    switch compression {
    case .none: fixed = BodyCompression.none
    case .zstd(let level): fixed = .zstd(level: level)
    case .auto: fixed = Compressor.isPipe(descriptor)
    }
    choice = CompressionChoice(now: Clock.monotonic)
  }

  /// - Returns: nil for a pipe: how it goes decides.
  private static func isPipe(_ descriptor: Int32) -> BodyCompression? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return BodyCompression.none }
    switch status.st_mode & S_IFMT {
    case S_IFIFO: return nil
    case S_IFREG, S_IFSOCK: return .zstd(level: 1)
    default: return BodyCompression.none
    }
  }

  var mode: BodyCompression { fixed ?? (choice.isCompressing ? .zstd(level: 1) : .none) }

  mutating func note(_ batch: Batch, written: Int, since start: Int64) {
    guard fixed == nil, batch.rowCount > 0 else { return }
    let now = Clock.monotonic
    choice.note(
      rawByteCount: batch.byteCount, writtenByteCount: written, waited: now - start, now: now)
  }
}
