internal import ArrowIPC
internal import Checkpoint
internal import Diagnostics
internal import Glibc

/// A file of the state, open to be read up to where it ended when it was opened.
final class StateFile {
  let path: String
  let length: Int64
  private let descriptor: Int32

  /// - Returns: nil where there is no file.
  init?(_ path: String) throws(StreamError) {
    self.path = path
    // What is no file must not keep us waiting.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw diskError("cannot read '\(path)'")
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw StreamError(.io, "cannot read '\(path)': it is no file")
    }
    length = Int64(status.st_size)
  }

  deinit { close(descriptor) }

  /// Reads bytes of the file.
  ///
  /// - Returns: how many; 0 at its end.
  @unsafe
  func read(_ target: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ArrowError) -> Int {
    let wanted = Int(min(Int64(target.count), length - offset))
    guard wanted > 0 else { return 0 }
    while true {
      let count = unsafe pread(descriptor, target.baseAddress, wanted, off_t(offset))
      if count >= 0 { return count }
      let code = errno
      guard code == EINTR else {
        throw .system(errno: code, diskError("cannot read the file", code: code).message)
      }
    }
  }

  /// Adds a range of the file to a checksum, as far as there is one.
  func add(_ range: Range<Int64>, to checksum: Checksum) throws(ArrowError) {
    var chunk = [UInt8](repeating: 0, count: Int(min(Int64(range.count), 256 << 10)))
    var offset = range.lowerBound
    while offset < range.upperBound {
      let wanted = Int(min(Int64(chunk.count), range.upperBound - offset))
      let count = try fill(&chunk, wanted, at: offset)
      guard count > 0 else { return }
      unsafe checksum.add(chunk.span.bytes.extracting(first: count))
      offset += Int64(count)
    }
  }

  /// The bytes of a range, as far as there are any.
  func bytes(_ range: Range<Int64>) throws(ArrowError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var filled = 0
    while filled < bytes.count {
      var rest = Array(bytes[filled...])
      let count = try fill(&rest, rest.count, at: range.lowerBound + Int64(filled))
      guard count > 0 else { return Array(bytes[..<filled]) }
      bytes.replaceSubrange(filled..<filled + count, with: rest[..<count])
      filled += count
    }
    return bytes
  }

  private func fill(
    _ chunk: inout [UInt8], _ wanted: Int, at offset: Int64
  ) throws(ArrowError) -> Int {
    var result: Result<Int, ArrowError> = .success(0)
    unsafe chunk.withUnsafeMutableBytes { bytes in
      result = Result { () throws(ArrowError) in
        unsafe try read(UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]), at: offset)
      }
    }
    return try result.get()
  }

  /// Reads it from the beginning as an Arrow stream.
  ///
  /// - Throws: also when it does not begin as our files do.
  func stream() throws(ArrowError) -> ArrowStreamReader {
    var mark = [UInt8](repeating: 0, count: 4)
    // An Arrow file, which would be read another way, begins otherwise.
    guard try fill(&mark, 4, at: 0) == 4 else { throw .truncated("no schema") }
    guard mark.allSatisfy({ $0 == 0xFF }) else {
      throw .malformed("expected the start of a message")
    }
    return try ArrowStreamReader(FileBytes(self))
  }
}

/// The bytes of a file, from the first to the last.
private final class FileBytes: ByteSource {
  private let file: StateFile
  private var offset: Int64 = 0

  init(_ file: StateFile) { self.file = file }

  @unsafe
  func read(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer
  ) throws(ArrowError) -> Int {
    let count = unsafe try file.read(first, at: offset)
    offset += Int64(count)
    return count
  }
}
