internal import ArrowIPC
internal import Checkpoint
internal import Columnar
internal import Diagnostics
internal import Glibc
internal import JSONText

/// A segment of the log, to be read: an Arrow stream in which each run of batches is followed by an
/// empty batch that seals it.
final class SegmentReader {
  let path: String
  let byteCount: Int64
  /// Up to where it says what the columns are.
  private(set) var head = Buffer<UInt8>()
  private let descriptor: Int32

  /// The description of a million columns has less.
  private static let headByteCountMax = 1 << 28
  private static let chunkByteCount = 256 << 10

  /// - Returns: nil when the file has no head, as one that was being begun.
  /// - Throws: an I/O error when there is no such file or it cannot be read.
  init?(_ path: String) throws(StreamError) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw diskError("cannot read '\(path)'") }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw diskError("cannot read '\(path)'") }
    byteCount = Int64(status.st_size)
    guard let length = try headByteCount(), length <= byteCount else { return nil }
    let memory = Memory(byteCount: length)
    guard try unsafe read(into: memory.mutableBytes, at: 0) == length else { return nil }
    head = memory.bytes[0..<length]
  }

  deinit { close(descriptor) }

  /// A message begins with four bytes of ones and the length of what follows, in four more.
  private func headByteCount() throws(StreamError) -> Int? {
    let prefix = Memory(byteCount: 8)
    guard try unsafe read(into: prefix.mutableBytes, at: 0) == 8 else { return nil }
    let bytes = prefix.bytes.elements
    guard bytes[..<4].allSatisfy({ $0 == 0xFF }) else { return nil }
    let length = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    return length > 0 && length <= SegmentReader.headByteCountMax ? 8 + length : nil
  }

  /// - Returns: how many bytes there were; fewer than there is room at the end of the file.
  @unsafe
  fileprivate func read(
    into room: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(StreamError) -> Int {
    var filled = 0
    while filled < room.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[filled...])
      let count = unsafe pread(
        descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw diskError("cannot read '\(path)'") }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// The checksum of the head and of some bytes.
  ///
  /// - Returns: nil when the file ends before them.
  func sum(of bytes: Range<Int64>) throws(StreamError) -> String? {
    guard bytes.upperBound <= byteCount else { return nil }
    let sum = Checksum()
    sum.add(head)
    let chunk = Memory(byteCount: SegmentReader.chunkByteCount)
    var offset = bytes.lowerBound
    while offset < bytes.upperBound {
      let wanted = Int(min(Int64(chunk.byteCount), bytes.upperBound - offset))
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: chunk.mutableBytes[..<wanted])
      guard try unsafe read(into: room, at: offset) == wanted else { return nil }
      sum.add(chunk.bytes[0..<wanted])
      offset += Int64(wanted)
    }
    return sum.text
  }

  /// The batches in some bytes of the file, as a stream of their own.
  ///
  /// - Parameter hasEnd: an end-of-stream mark follows them.
  func batches(
    in bytes: Range<Int64>, hasEnd: Bool = true
  ) throws(ArrowError) -> ArrowStreamReader {
    try ArrowStreamReader(SegmentSource(self, bytes, hasEnd: hasEnd))
  }

  /// How far the file is whole behind a place: what follows the last seal was being written when the
  /// process died, or the power failed.
  ///
  /// - Returns: the end of the last seal that holds, and the rows up to there.
  func sealed(behind start: Int64) throws(StreamError) -> (end: Int64, rowCount: Int64) {
    var (end, rowCount) = (start, Int64(0))
    guard start < byteCount, let reader = try? batches(in: start..<byteCount, hasEnd: false),
      let seal = try? Seal(reader.schema)
    else { return (end, 0) }
    var (offset, rows) = (start, Int64(0))
    while let batch = try? reader.next() {
      let batchStart = offset
      offset += Int64(batch.messageByteCount)
      rows += Int64(batch.rowCount)
      if !batch.metadata.contains(where: { $0.key == Seal.key }) { continue }
      guard let sum = try sum(of: end..<batchStart), let expected = try? seal.bytes(sum),
        try holds(expected, at: batchStart)
      else { break }
      (end, rowCount, rows) = (offset, rowCount + rows, 0)
    }
    return (end, rowCount)
  }

  private func holds(_ bytes: Buffer<UInt8>, at offset: Int64) throws(StreamError) -> Bool {
    let memory = Memory(byteCount: bytes.count)
    return try unsafe read(into: memory.mutableBytes, at: offset) == bytes.count
      && memory.bytes.elements == bytes.elements
  }
}

extension Checksum {
  func add(_ bytes: Buffer<UInt8>) {
    let span = bytes.span
    add(unsafe span.bytes)
  }
}

/// Head, bytes, end-of-stream mark.
private final class SegmentSource: ArrowIPC.ByteSource {
  private let segment: SegmentReader
  private let end: Int64
  private var offset: Int64
  private var headRange: Range<Int>
  private var markRange: Range<Int>
  private static let mark = Buffer<UInt8>([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])

  init(_ segment: SegmentReader, _ bytes: Range<Int64>, hasEnd: Bool) {
    self.segment = segment
    offset = bytes.lowerBound
    end = bytes.upperBound
    headRange = 0..<segment.head.count
    markRange = 0..<(hasEnd ? SegmentSource.mark.count : 0)
  }

  @unsafe
  func read(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer
  ) throws(ArrowError) -> Int {
    if !headRange.isEmpty { return unsafe copy(segment.head, &headRange, into: first) }
    guard offset < end else { return unsafe copy(SegmentSource.mark, &markRange, into: first) }
    let wanted = Int(min(Int64(first.count), end - offset))
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: first[..<wanted])
    do throws(StreamError) {
      let count = try unsafe segment.read(into: room, at: offset)
      offset += Int64(count)
      return count
    } catch {
      throw .system(errno: 0, error.message)
    }
  }

  @unsafe
  private func copy(
    _ bytes: Buffer<UInt8>, _ range: inout Range<Int>, into room: UnsafeMutableRawBufferPointer
  ) -> Int {
    let taken = range.prefix(room.count)
    unsafe room.copyMemory(from: bytes[taken].rawBytes)
    range = taken.upperBound..<range.upperBound
    return taken.count
  }
}
