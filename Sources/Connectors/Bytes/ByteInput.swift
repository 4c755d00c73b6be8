package import Diagnostics

/// Where bytes come from, one after the other.
package protocol ByteInput: AnyObject {
  /// Whether reading may have to wait for somebody who writes.
  var mayWait: Bool { get }

  /// Reads what is there, at least a byte; waits for it if need be.
  ///
  /// - Returns: how many bytes were read; 0 at the end.
  @unsafe func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int

  /// Waits until a read would not.
  ///
  /// - Returns: false when the time is over, or the source was told to stop.
  func wait(until deadline: Deadline) throws(StreamError) -> Bool

  /// How many bytes can be read without waiting, as far as the system says.
  var availableCount: Int { get }

  /// How many bytes were taken from the file or the pipe, before anything was decompressed.
  var consumedCount: Int64 { get }
}

/// Tells a source to finish: a descriptor that becomes, and stays, readable.
package struct StopSignal: Sendable {
  let descriptor: Int32

  /// - Parameter descriptor: -1 for one that never comes.
  package init(descriptor: Int32) { self.descriptor = descriptor }

  package static let none = StopSignal(descriptor: -1)
}
