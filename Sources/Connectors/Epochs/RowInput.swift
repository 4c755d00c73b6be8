package import Columnar

/// What an input has to say next.
package enum InputEvent: Sendable {
  /// Rows, and how many bytes of input they took.
  case rows(Batch, byteCount: Int)
  /// A file was read to its end.
  case fileEnd
  /// Nothing until the deadline; since when the input has been empty, by the monotonic clock (µs),
  /// nil while it is at work.
  case nothingYet(idleSince: Int64?)
  /// Nothing follows. `isComplete`: the input is at its end; not so when it was told to stop.
  case end(isComplete: Bool)
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
  mutating func write(_ batch: Batch, in epoch: SourceEpoch) throws

  /// - Parameters:
  ///   - idle: how long the input has been empty, in µs.
  ///   - isFinal: the input is complete.
  mutating func close(_ epoch: SourceEpoch, idle: Int64, isFinal: Bool) throws
}

/// The clocks, and a way to let time pass.
package protocol Timekeeper: Sendable {
  var now: Moment { get }

  /// Waits until then, or less when the source was told to stop.
  func pause(until deadline: Deadline)
}
