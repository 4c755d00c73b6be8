internal import Columnar
internal import Diagnostics
internal import Formats
internal import Glibc
internal import SystemPackage

/// The bytes of a file that others append to.
///
/// What was read is looked at again with every read: a file that was cut off and has grown anew is
/// not taken for its continuation.
final class GrowingBytes: ByteInput {
  let file: OpenedFile
  let mayWait = true
  private(set) var consumedCount: Int64 = 0
  /// Where the next read begins.
  private(set) var position: Int64
  /// When it was last seen to have changed: ns since 1970.
  private(set) var modified: Int64
  private(set) var isUnlinked: Bool
  /// What stands before the position is not what was read.
  private(set) var isReplaced = false
  /// Whether nobody writes any more, so that the end of the file is the end.
  var isEnded = false

  private let name: String
  /// How far it is read for the time being.
  private var limit: Int64
  private var window: TailWindow

  /// - Parameters:
  ///   - window: the bytes before the position.
  ///   - name: for messages.
  init(_ file: OpenedFile, from position: Int64, window: TailWindow, name: String) {
    self.file = file
    self.position = position
    self.window = window
    self.name = name
    limit = position
    (modified, isUnlinked) = (file.status.modified, file.status.isUnlinked)
  }

  /// Whether nothing has been read of it, although it has changed since it was opened.
  var isAboutToBegin: Bool { position == 0 && modified != file.status.modified }

  /// Looks how long the file is: up to there it is read until the next call.
  ///
  /// - Returns: whether it has changed.
  func refresh() throws(StreamError) -> Bool {
    let status: FileStatus
    do throws(Errno) {
      status = try FileStatus(of: file.descriptor)
    } catch {
      throw failure(error)
    }
    let hasChanged = status.modified != modified || status.byteCount != limit
    let isShorter = status.byteCount < (position == 0 ? limit : position)
    if isShorter || (hasChanged && status.byteCount == position && !isIntact) {
      isReplaced = true
    }
    limit = max(position, status.byteCount)
    (modified, isUnlinked) = (status.modified, status.isUnlinked)
    return hasChanged
  }

  @unsafe func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    let wanted = isEnded ? room.count : Int(min(Int64(room.count), limit - position))
    var count: Int
    repeat {
      count = unsafe pread(file.descriptor, room.baseAddress, wanted, off_t(position))
    } while count < 0 && errno == EINTR
    if count < 0 { throw failure(Errno(rawValue: errno)) }
    // Looked at behind the read: what was read then was read before the file was cut off.
    if !isIntact || (count == 0 && !isEnded) {
      isReplaced = true
      throw StreamError(.data, "'\(name)' was cut off while it was read")
    }
    let added = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
    window.append(Buffer(unsafe Array(added.suffix(TailWindow.byteCountMax))))
    position += Int64(count)
    consumedCount += Int64(count)
    return count
  }

  /// It never waits: the source waits for all its files at once.
  func wait(until deadline: Deadline) -> Bool { isEnded || position < limit }

  var availableCount: Int { Int(clamping: limit - position) }

  private var isIntact: Bool {
    file.bytes(position - Int64(window.bytes.count)..<position) == window.bytes
  }

  private func failure(_ reason: Errno) -> StreamError {
    StreamError(.io, "cannot read '\(name)': \(reason.words)")
  }
}

/// The bytes of a file that was compressed when it was rotated.
final class PackedBytes: ByteInput {
  let mayWait = false
  private let input: DecodedInput

  init(_ path: String, _ packing: Packing) throws(StreamError) {
    let file = InputFile(path: FilePath(path), byteCount: nil, modified: 0)
    input = DecodedInput(try DescriptorInput(opening: file), try packing.makeDecoder(name: path))
  }

  var availableCount: Int { input.availableCount }
  var consumedCount: Int64 { input.consumedCount }

  @unsafe func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    try unsafe input.read(into: room)
  }

  func wait(until deadline: Deadline) -> Bool { true }

  /// Passes over what stands before a place.
  ///
  /// - Returns: the last of it; nil when the file ends before.
  func skip(_ count: Int64) throws(StreamError) -> TailWindow? {
    let memory = Memory(byteCount: 64 << 10)
    var window = TailWindow()
    var left = count
    while left > 0 {
      let wanted = Int(min(left, Int64(memory.byteCount)))
      let taken = try unsafe input.read(into: .init(rebasing: memory.mutableBytes[..<wanted]))
      if taken == 0 { return nil }
      window.append(memory.bytes[0..<taken])
      left -= Int64(taken)
    }
    return window
  }
}
