internal import CProcess
internal import Diagnostics
internal import Glibc

/// The text of an epoch's rows, from which it can be read again and again: in memory as long as it
/// is short, else in a file without a name.
final class EpochSpool {
  private var descriptor: Int32
  private let directory: String
  private(set) var byteCount = 0
  private var isInMemory = true

  private static let memoryBytesMax = 64 << 20

  /// - Parameter directory: for the file.
  init(directory: String) throws(StreamError) {
    self.directory = directory
    descriptor = process_open_memory()
    guard descriptor >= 0 else { throw fileError("cannot keep an epoch's rows in memory") }
  }

  deinit { close(descriptor) }

  func append(_ bytes: RawSpan) throws {
    if isInMemory, byteCount + bytes.byteCount > EpochSpool.memoryBytesMax { try moveToFile() }
    try unsafe bytes.withUnsafeBytes {
      try unsafe writeAll($0, to: descriptor, named: "an epoch's rows into '\(directory)'")
    }
    byteCount += bytes.byteCount
  }

  private func moveToFile() throws {
    let file = unsafe process_open_unnamed(directory)
    guard file >= 0 else { throw fileError("cannot keep an epoch's rows in '\(directory)'") }
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var offset: off_t = 0
    while true {
      let count = unsafe pread(descriptor, &piece, piece.count, offset)
      guard count > 0 else { break }
      do {
        try unsafe piece.withUnsafeBytes {
          try unsafe writeAll(
            UnsafeRawBufferPointer(rebasing: $0[..<count]), to: file,
            named: "an epoch's rows into '\(directory)'")
        }
      } catch {
        close(file)
        throw error
      }
      offset += off_t(count)
    }
    close(descriptor)
    descriptor = file
    isInMemory = false
  }

  /// A descriptor with a place of its own, at the beginning. The caller closes it.
  func reader() throws(StreamError) -> Int32 {
    let reader = unsafe open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
    guard reader >= 0 else { throw fileError("cannot read an epoch's rows again") }
    return reader
  }
}
