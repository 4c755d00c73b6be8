package import Columnar
import Glibc

/// Where the bytes of a stream come from.
package protocol ByteSource: AnyObject {
  /// Of a regular file that is read from its beginning; nil for all else.
  var fileDescriptor: Int32? { get }

  /// Waits for bytes and stores them in two places, the first one first.
  ///
  /// - Parameters:
  ///   - first: not empty.
  ///   - second: where bytes may go when the first place is full; may be empty.
  /// - Returns: how many bytes there are; 0 at the end.
  @unsafe
  func read(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer
  ) throws(ArrowError) -> Int
}

extension ByteSource {
  package var fileDescriptor: Int32? { nil }
}

/// Bytes from a file descriptor, which stays the caller's.
package final class DescriptorSource: ByteSource {
  package let descriptor: Int32

  package let fileDescriptor: Int32?

  package init(_ descriptor: Int32) {
    self.descriptor = descriptor
    // A pipe has no place to seek to.
    fileDescriptor = lseek(descriptor, 0, SEEK_CUR) == 0 ? descriptor : nil
  }

  @unsafe
  package func read(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer
  ) throws(ArrowError) -> Int {
    while true {
      let count = unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { places in
        unsafe places[0] = iovec(iov_base: first.baseAddress, iov_len: first.count)
        unsafe places[1] = iovec(iov_base: second.baseAddress, iov_len: second.count)
        return unsafe readv(descriptor, places.baseAddress, second.isEmpty ? 1 : 2)
      }
      if count >= 0 { return count }
      let code = errno
      if code == EAGAIN {
        _ = try waitUntilReady(descriptor, POLLIN, milliseconds: -1)
      } else if code != EINTR {
        throw .system(errno: code, "cannot read: \(describe(code))")
      }
    }
  }
}

/// Bytes that are all there.
package final class MemorySource: ByteSource {
  private let bytes: Buffer<UInt8>
  private var offset = 0
  /// What one read gives at most: small ones show what a slow pipe would.
  private let stepMax: Int

  package init(_ bytes: Buffer<UInt8>, stepMax: Int = .max) {
    self.bytes = bytes
    self.stepMax = stepMax
  }

  @unsafe
  package func read(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer
  ) throws(ArrowError) -> Int {
    let taken = min(first.count, bytes.count - offset, stepMax)
    let part = bytes[offset..<offset + taken]
    unsafe first.copyMemory(from: part.rawBytes)
    offset += taken
    return taken
  }
}

/// Waits until a descriptor can be read or written.
///
/// - Parameter milliseconds: a negative number waits for ever.
/// - Returns: false when the time is over.
package func waitUntilReady(
  _ descriptor: Int32, _ events: Int32, milliseconds: Int
) throws(ArrowError) -> Bool {
  var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
  while true {
    let count = unsafe poll(&request, 1, Int32(clamping: milliseconds))
    if count >= 0 { return count > 0 }
    let code = errno
    guard code == EINTR else {
      throw .system(errno: code, "cannot wait for input: \(describe(code))")
    }
  }
}

/// The system's words for an error, in lower case.
func describe(_ code: Int32) -> String {
  guard let text = unsafe strerror(code) else { return "error \(code)" }
  let words = unsafe String(cString: text)
  return words.prefix(1).lowercased() + words.dropFirst()
}
