internal import Checkpoint
internal import Diagnostics
internal import Glibc
internal import Wire

/// The frames of an input that wait for their turn: in memory, and, where there is no room, in files
/// without a name.
final class InputQueue {
  enum Item {
    case frame(Frame)
    /// More frames, in a file.
    case spool(Spool)
  }

  var header: InputHeader?
  private var items = WaitingLine<Item>()
  var isEmpty: Bool { items.isEmpty }
  /// The file that frames are being taken from.
  private var open: WireReader?
  private var openSpool: Spool?

  /// Adds a frame at the end.
  ///
  /// - Parameter directory: of a file to put it into; nil for memory, unless frames before it are in
  ///   a file that is not yet full.
  /// - Returns: whether it is in memory.
  func add(_ frame: Frame, spooling directory: String?) throws -> Bool {
    if case .spool(let spool) = items.last {
      try spool.write(frame)
      return false
    }
    guard let directory, let header else {
      items.append(.frame(frame))
      return true
    }
    let spool = try Spool(in: directory, header)
    items.append(.spool(spool))
    try spool.write(frame)
    return false
  }

  /// The next item; a file is finished thereby.
  func take() throws -> Item? {
    let item = items.take()
    if case .spool(let spool) = item { try spool.finish() }
    return item
  }

  /// From now on frames come from a file that is finished.
  func read(_ spool: Spool) throws {
    open = try spool.reader()
    openSpool = spool
  }

  /// - Returns: nil when there is no more in the file that is being read.
  func spooledFrame() throws -> Frame? {
    guard let open else { return nil }
    if let frame = try open.next() { return frame }
    self.open = nil
    openSpool = nil
    return nil
  }
}

/// A file without a name, gone when the process ends: a stream of frames.
final class Spool {
  private let descriptor: Int32
  private let writer: WireWriter
  private let directory: String

  init(in directory: String, _ input: InputHeader) throws {
    self.directory = directory
    let path = "\(directory)/.spool-\(randomIdentifier())"
    descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason = unsafe String(cString: strerror(errno))
      throw StreamError(
        .io, "cannot keep waiting rows in '\(directory)': \(reason.lowercased())",
        hint: "set TMPDIR to a directory with room")
    }
    _ = unsafe unlink(path)
    writer = WireWriter(descriptor: descriptor, compression: .none)
    try placing { try writer.begin(input.header, input.schema) }
  }

  deinit { close(descriptor) }

  func write(_ frame: Frame) throws {
    try placing {
      switch frame {
      case .rows(let rows): try writer.write(rows)
      case .marker(let ledger): try writer.write(ledger)
      case .failure(let failure): try writer.write(failure)
      }
    }
  }

  func finish() throws { try placing { try writer.end() } }

  func reader() throws -> WireReader {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw StreamError(.io, "cannot read waiting rows again", location: directory)
    }
    return try WireReader(descriptor: descriptor, name: "waiting rows in '\(directory)'")
  }

  private func placing(_ body: () throws -> Void) throws {
    do { try body() } catch var error as StreamError where error.kind == .io {
      error.location = "waiting rows in '\(directory)'"
      throw error
    }
  }
}
