package import Columnar
package import Glibc

/// Where the bytes of a stream go.
package protocol ByteSink: AnyObject {
  /// Writes all pieces, one after the other, or throws.
  ///
  /// - Parameter pieces: readable during the call.
  @unsafe
  func write(_ pieces: [iovec]) throws(ArrowError)
}

/// Bytes into a file descriptor, which stays the caller's: all pieces in as few calls as possible.
package final class DescriptorSink: ByteSink {
  package let descriptor: Int32

  package init(_ descriptor: Int32) { self.descriptor = descriptor }

  @unsafe
  package func write(_ pieces: [iovec]) throws(ArrowError) {
    var pieces = unsafe pieces
    var first = 0
    while unsafe first < pieces.count {
      let written = unsafe pieces.withUnsafeBufferPointer { all in
        let rest = unsafe UnsafeBufferPointer(rebasing: all[first...])
        return unsafe writev(descriptor, rest.baseAddress, Int32(min(rest.count, maxPieces)))
      }
      if written < 0 {
        try wait(after: errno)
      } else {
        unsafe advance(&pieces, &first, by: written)
      }
    }
  }

  /// IOV_MAX.
  private var maxPieces: Int { 1024 }

  private func wait(after code: Int32) throws(ArrowError) {
    if code == EAGAIN {
      _ = try waitUntilReady(descriptor, POLLOUT, milliseconds: -1)
    } else if code != EINTR {
      throw .system(errno: code, "cannot write: \(describe(code))")
    }
  }

  @unsafe
  private func advance(_ pieces: inout [iovec], _ first: inout Int, by written: Int) {
    var rest = written
    while unsafe first < pieces.count, unsafe rest >= pieces[first].iov_len {
      unsafe rest -= pieces[first].iov_len
      first += 1
    }
    guard rest > 0 else { return }
    unsafe pieces[first].iov_base += rest
    unsafe pieces[first].iov_len -= rest
  }
}

/// Bytes into memory.
package final class MemorySink: ByteSink {
  private var bytes = MutableBuffer<UInt8>()

  package init() {}

  /// Bytes that were written since ``take()``.
  package var count: Int { bytes.count }

  @unsafe
  package func write(_ pieces: [iovec]) throws(ArrowError) {
    unsafe bytes.append(contentsOf: pieces)
  }

  /// What was written since the last call.
  package func take() -> Buffer<UInt8> { bytes.take() }
}

extension MutableBuffer<UInt8> {
  /// - Parameter pieces: readable during the call.
  @unsafe
  mutating func append(contentsOf pieces: [iovec]) {
    for index in unsafe pieces.indices {
      guard let base = unsafe pieces[index].iov_base else { continue }
      let count = unsafe pieces[index].iov_len
      unsafe append(from: base.assumingMemoryBound(to: UInt8.self), count: count)
    }
  }
}
