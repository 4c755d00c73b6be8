import Columnar
import Glibc

/// What a Parquet file is read from. Used by one thread at a time.
final class FileBytes {
  private enum Storage {
    /// The descriptor stays with who opened it.
    case descriptor(Int32)
    case memory(Buffer<UInt8>)
  }

  private let storage: Storage
  let byteCount: Int
  /// How many bytes were read.
  private(set) var consumedCount: Int64 = 0

  /// - Parameter descriptor: of a regular file.
  init(descriptor: Int32) throws(ParquetError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileBytes.failure() }
    storage = .descriptor(descriptor)
    byteCount = Int(status.st_size)
  }

  init(_ bytes: Buffer<UInt8>) {
    storage = .memory(bytes)
    byteCount = bytes.count
  }

  private static func failure() -> ParquetError {
    let code = errno
    let reason = unsafe String(cString: strerror(code))
    return .system(
      errno: code, "cannot read: \(reason.prefix(1).lowercased())\(reason.dropFirst())")
  }

  /// - Parameters:
  ///   - range: inside the file, as long as nobody cuts it off.
  ///   - known: what stands before the range, and was read already.
  /// - Returns: what is known, and the bytes of the range behind it.
  func read(
    _ range: Range<Int>, behind known: Buffer<UInt8> = Buffer()
  ) throws(ParquetError) -> Buffer<UInt8> {
    consumedCount += Int64(range.count)
    let start = range.lowerBound - known.count
    switch storage {
    case .memory(let bytes): return bytes[start..<range.upperBound]
    case .descriptor(let descriptor):
      let memory = Memory(byteCount: range.upperBound - start)
      unsafe memory.mutableBytes.copyMemory(from: known.rawBytes)
      var done = known.count
      while done < memory.byteCount {
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.mutableBytes[done...])
        let count = unsafe pread(descriptor, room.baseAddress, room.count, off_t(start + done))
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw FileBytes.failure() }
        guard count > 0 else { throw .truncated("it has become shorter while it was read") }
        done += count
      }
      return memory.bytes
    }
  }
}

/// A part of a file that is read from front to back, in pieces.
struct FileWindow {
  private let file: FileBytes
  private let end: Int
  /// Of what is to be taken next.
  private(set) var position: Int
  private var piece = Buffer<UInt8>()
  private var pieceStart: Int

  private static let pieceByteCount = 256 << 10

  /// - Parameter range: inside the file.
  init(_ file: FileBytes, _ range: Range<Int>) {
    self.file = file
    position = range.lowerBound
    pieceStart = range.lowerBound
    end = range.upperBound
  }

  var left: Int { end - position }

  /// The bytes that follow, fewer at the end; they are not taken yet.
  mutating func peek(_ count: Int) throws(ParquetError) -> Buffer<UInt8> {
    let count = min(count, left)
    let known = pieceStart + piece.count
    if position + count > known {
      let wanted = min(left, max(count, FileWindow.pieceByteCount))
      piece = try file.read(
        known..<position + wanted, behind: piece[position - pieceStart..<piece.count])
      pieceStart = position
    }
    return piece[position - pieceStart..<position - pieceStart + count]
  }

  /// - Parameter count: of bytes that were peeked at.
  mutating func skip(_ count: Int) { position += count }
}
