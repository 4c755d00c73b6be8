internal import CZlib
package import Diagnostics

/// Decompresses gzip (RFC 1952), of one member or of several.
@safe package final class GzipDecoder: ByteDecoder {
  private let name: String
  // SAFETY: allocated and initialised by `init`, freed by `deinit`, used by nobody else.
  private let stream: UnsafeMutablePointer<z_stream>
  private var state = State.betweenMembers(isFirst: true)

  private enum State { case betweenMembers(isFirst: Bool), inside }

  /// - Parameter name: the input's, for messages.
  package init(name: String) throws(StreamError) {
    self.name = name
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, the largest; 16 more ask for gzip's own header and nothing else.
    let status = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw StreamError(.unavailable, "no memory to decompress", location: name)
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  @unsafe package func decode(
    _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) throws(StreamError) -> DecodingStep {
    var step = DecodingStep(taken: 0, written: 0)
    while step.written < room.count {
      if case .betweenMembers(let isFirst) = state {
        guard step.taken < input.count else { break }
        let first = unsafe input[step.taken]
        guard isFirst || first == 0x1F else {
          throw failure(
            "expected the end or a further gzip member but found \(describe(byte: first))")
        }
        state = .inside
      }
      let (taken, written, status) = unsafe inflate(
        UnsafeRawBufferPointer(rebasing: input[step.taken...]),
        UnsafeMutableRawBufferPointer(rebasing: room[step.written...]))
      step.taken += taken
      step.written += written
      switch status {
      case Z_STREAM_END:
        unsafe inflateReset(stream)
        state = .betweenMembers(isFirst: false)
      case Z_OK: if taken == 0, written == 0 { return step }
      // Nothing to do: the input or the room is used up.
      case Z_BUF_ERROR: return step
      case Z_MEM_ERROR: throw StreamError(.unavailable, "no memory to decompress", location: name)
      default: throw failure(unsafe stream.pointee.msg.map { unsafe String(cString: $0) })
      }
    }
    return step
  }

  /// - Returns: what was taken and written, and zlib's status.
  @unsafe private func inflate(
    _ input: UnsafeRawBufferPointer, _ room: UnsafeMutableRawBufferPointer
  ) -> (taken: Int, written: Int, status: Int32) {
    let (inputCount, roomCount) = (min(input.count, 1 << 30), min(room.count, 1 << 30))
    // zlib only reads its input, though its type does not say so.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
    unsafe stream.pointee.avail_in = uInt(inputCount)
    unsafe stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: Bytef.self)
    unsafe stream.pointee.avail_out = uInt(roomCount)
    let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
    return unsafe (
      inputCount - Int(stream.pointee.avail_in), roomCount - Int(stream.pointee.avail_out), status
    )
  }

  package func finish() throws(StreamError) {
    if case .betweenMembers(isFirst: false) = state { return }
    throw failure("it is cut off")
  }

  private func failure(_ reason: String?) -> StreamError {
    StreamError(
      .data, "the gzip data is damaged\(reason.map { ": \($0)" } ?? "")", location: name)
  }
}
