package import Columnar

/// What an input has to say next.
package enum InputEvent: Sendable {
  /// Rows, how many bytes of input they took, and where these are, if they can be read again.
  case rows(Batch, byteCount: Int, piece: InputPiece? = nil)
  /// So many rows were passed over unread, since none is wanted; they belong to the epoch all the
  /// same, so that what an epoch covers does not depend on what is wanted.
  case passedOver(rowCount: Int, piece: InputPiece? = nil)
  /// A file was read to its end: its number, where it is known.
  case fileEnd(Int? = nil)
  /// Nothing until the deadline; since when the input has been empty, by the monotonic clock (µs),
  /// nil while it is at work.
  case nothingYet(idleSince: Int64?)
  /// Nothing follows. `isComplete`: the input is at its end; not so when it was told to stop.
  case end(isComplete: Bool)
}

/// The part of a file that some rows were made of.
package struct InputPiece: Sendable {
  /// Which file: the number that the input knows it by.
  package var file: Int
  /// Where it begins in the file: bytes after decompression, or rows.
  package var offset: Int64
  /// Empty where places are counted in rows.
  package var bytes: Buffer<UInt8>
  /// Where in `bytes` each row begins; nil where a batch is never cut.
  package var rowOffsets: Buffer<Int64>?
  /// How many rows these are; nil where places are counted in bytes.
  package var rowCount: Int64?

  package init(
    file: Int, offset: Int64, bytes: Buffer<UInt8>, rowOffsets: Buffer<Int64>? = nil
  ) {
    self.file = file
    self.offset = offset
    self.bytes = bytes
    self.rowOffsets = rowOffsets
  }

  /// Rows of a file whose places are counted in rows.
  package init(file: Int, rows: Range<Int64>) {
    self.init(file: file, offset: rows.lowerBound, bytes: Buffer())
    rowCount = Int64(rows.count)
  }

  /// Where it ends in the file.
  package var end: Int64 { offset &+ (rowCount ?? Int64(bytes.count)) }

  /// The part that belongs to some of the rows, with what stands before the first and behind the
  /// last of all.
  ///
  /// - Parameter count: of all rows.
  /// - Returns: nil for later rows of a batch that cannot be cut: all bytes went with the first.
  func slice(_ rows: Range<Int>, of count: Int) -> InputPiece? {
    if rowCount != nil {
      let start = offset + Int64(rows.lowerBound)
      return InputPiece(file: file, rows: start..<start + Int64(rows.count))
    }
    guard let rowOffsets, rowOffsets.count == count else {
      return rows.lowerBound == 0 ? self : nil
    }
    let start = rows.lowerBound == 0 ? 0 : Int(rowOffsets[rows.lowerBound])
    let end = rows.upperBound == count ? bytes.count : Int(rowOffsets[rows.upperBound])
    return InputPiece(file: file, offset: offset + Int64(start), bytes: bytes[start..<end])
  }
}

/// Where rows come from.
package protocol RowInput: AnyObject {
  /// Of the rows.
  var schema: Schema { get }
  /// Whether it is known that the input ends by itself, and never pauses for long.
  var isBounded: Bool { get }

  func next(until deadline: Deadline) throws -> InputEvent
}

/// An input that knows how far it has come.
package protocol MeasuredInput: RowInput {
  /// How many bytes the rows so far have taken, before decompression.
  var consumedCount: Int64 { get }
  /// How many bytes there are in all; nil where nobody knows.
  var byteCount: Int64? { get }
  /// Records so far that were not what their format or schema says.
  var malformedCount: Int64 { get }
}

/// Where rows and the ends of epochs go.
package protocol EpochOutput {
  /// Whether another epoch may end. While it may not, the open one grows.
  func hasRoom() throws -> Bool

  /// Notes where rows of the open epoch come from, before they are written.
  mutating func take(_ piece: InputPiece, in epoch: SourceEpoch) throws

  /// Notes that the end of a file belongs to the open epoch.
  mutating func take(endOf file: Int) throws

  mutating func write(_ batch: Batch, in epoch: SourceEpoch) throws

  /// - Parameters:
  ///   - idle: how long the input has been empty, in µs.
  ///   - isFinal: the input is complete.
  mutating func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) throws
}

extension EpochOutput {
  package func hasRoom() -> Bool { true }
  package mutating func take(_ piece: InputPiece, in epoch: SourceEpoch) {}
  package mutating func take(endOf file: Int) {}
}

/// The clocks, and a way to let time pass.
package protocol Timekeeper: Sendable {
  var now: Moment { get }

  /// Waits until then, or less when the source was told to stop.
  func pause(until deadline: Deadline)

  /// Whether the source was told to stop.
  var isStopped: Bool { get }
}

extension Timekeeper {
  package var isStopped: Bool { false }
}
