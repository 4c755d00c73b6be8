package import Columnar
internal import Connectors
internal import Diagnostics
internal import Glibc
package import Wire

/// What has come of an input that the order of epochs depends on.
struct Arrival {
  enum Kind {
    /// All rows of the epoch are there.
    case marker(Ledger)
    /// Its stream ended as it should.
    case end
    case failure(any Error)
  }

  /// Which input, counted from 0.
  let input: Int
  let kind: Kind
}

/// Reads all inputs of a stage at once, each in a thread of its own, and keeps what comes until its
/// turn.
///
/// An input is never left unread while the stage waits for another one: the two may hang together
/// upstream, as behind `tee`. What does not fit into memory goes to a file then. While the stage has
/// an epoch to work on, the inputs wait, as a pipe makes them.
package final class InputFeed: @unchecked Sendable {
  /// What the frames of all inputs may take in memory.
  package static let defaultByteCountMax = 64 << 20
  /// What those of an input may take whose frames are taken as they come.
  private static let lastByteCountMax = 4 << 20

  private let lock = Lock()
  private let hasRoom: Condition
  private let byteCountMax: Int
  /// Written to whenever something arrives.
  private let bell: Bell
  // All of these are guarded by the lock.
  private var queues: [InputQueue]
  private var arrivals = WaitingLine<Arrival>()
  /// What stands against one of the inputs.
  private var failure: (any Error)?
  private var heldByteCount = 0
  /// The stage has nothing to work on.
  private var isWaiting = true
  /// The one whose frames are taken as they come: all others are complete.
  private var lastInput: Int?
  private var isClosed = false
  private var spoolDirectory = temporaryDirectory

  package init(byteCountMax: Int = InputFeed.defaultByteCountMax) throws {
    hasRoom = Condition(lock)
    self.byteCountMax = byteCountMax
    bell = try Bell()
    queues = []
  }

  /// Opens the inputs and waits for all headers.
  ///
  /// - Parameter openers: called in the threads; a FIFO lets its reader wait.
  /// - Throws: what stands against one of the inputs.
  package func open(_ openers: [@Sendable () throws -> WireReader]) throws -> [InputHeader] {
    lock.withLock { queues = openers.map { _ in InputQueue() } }
    for (index, opener) in openers.enumerated() {
      guard startThread({ self.read(index, opener) }) else {
        throw StreamError(.unavailable, "the system has no thread to give")
      }
    }
    while true {
      let headers = try lock.withLock {
        if let failure { throw failure }
        return queues.compactMap(\.header)
      }
      if headers.count == openers.count { return headers }
      bell.wait()
    }
  }

  /// - Parameter path: where frames go that have no room in memory.
  func spool(in path: String) { lock.withLock { spoolDirectory = path } }

  /// Lets the threads end.
  package func close() {
    lock.withLock {
      isClosed = true
      hasRoom.broadcast()
    }
  }

  // MARK: - The stage's side

  /// Waits for the next arrival.
  ///
  /// - Parameters:
  ///   - input: the one that it must be of; nil for any.
  ///   - output: where nobody reads any more, waiting is pointless.
  /// - Throws: the failure of any input that the stage would otherwise wait past; `WireError.closed`.
  func nextArrival(of input: Int?, unlessClosed output: WireWriter) throws -> Arrival {
    while true {
      if let arrival = try lock.withLock({ try takeArrival(of: input) }) { return arrival }
      try output.waitForInput(from: bell.descriptor)
      bell.silence()
    }
  }

  private func takeArrival(of input: Int?) throws -> Arrival? {
    guard let arrival = arrivals.take(where: { input == nil || $0.input == input }) else {
      if let failure { throw failure }
      isWaiting = true
      hasRoom.broadcast()
      return nil
    }
    isWaiting = false
    if case .failure(let error) = arrival.kind { throw error }
    return arrival
  }

  /// The next frame of an input whose marker has arrived.
  func nextFrame(of input: Int) throws -> Frame {
    guard let frame = try takeFrame(of: input) else {
      throw StreamError(.internal, "an epoch without a marker")
    }
    return frame
  }

  /// Waits for the next frame of an input, whether its marker has arrived or not. From the first call
  /// on no other input is waited for.
  ///
  /// - Returns: nil at its end.
  /// - Throws: as ``nextArrival(of:unlessClosed:)``.
  func nextFrame(ofLast input: Int, unlessClosed output: WireWriter) throws -> Frame? {
    lock.withLock { lastInput = input }
    while true {
      if let frame = try takeFrame(of: input) {
        // A marker's arrival has been waited for here.
        if case .marker = frame { _ = try lock.withLock { try takeArrival(of: input) } }
        return frame
      }
      let (hasCome, hasEnded) = try lock.withLock {
        let hasCome = !queues[input].isEmpty
        return (hasCome, try !hasCome && takeArrival(of: input) != nil)
      }
      if hasEnded { return nil }
      if hasCome { continue }
      try output.waitForInput(from: bell.descriptor)
      bell.silence()
    }
  }

  /// - Returns: nil when there is none.
  private func takeFrame(of input: Int) throws -> Frame? {
    let queue = lock.withLock { queues[input] }
    if let spooled = try queue.spooledFrame() { return spooled }
    let item = try lock.withLock { () -> InputQueue.Item? in
      let item = try queue.take()
      if item != nil { isWaiting = false }
      if case .frame(let frame) = item {
        heldByteCount -= frame.byteCount
        if heldByteCount <= byteCountMax { hasRoom.broadcast() }
      }
      return item
    }
    switch item {
    case .frame(let frame): return frame
    case .spool(let spool):
      try queue.read(spool)
      return try takeFrame(of: input)
    case nil: return nil
    }
  }

  // MARK: - The threads' side

  private func read(_ index: Int, _ opener: () throws -> WireReader) {
    do {
      let reader = try opener()
      lock.withLock {
        queues[index].header = InputHeader(
          header: reader.header, schema: reader.schema, isForeign: reader.isForeign)
      }
      bell.ring()
      while let frame = try reader.next() {
        if case .failure(let failure) = frame { throw WireError.failed(failure) }
        guard try take(frame, of: index) else { return }
      }
      arrive(Arrival(input: index, kind: .end))
    } catch {
      arrive(Arrival(input: index, kind: .failure(error)))
    }
  }

  private func mustWait(_ index: Int) -> Bool {
    if index != lastInput { return !isWaiting && heldByteCount > byteCountMax }
    return !queues[index].isEmpty && heldByteCount > InputFeed.lastByteCountMax
  }

  private func arrive(_ arrival: Arrival) {
    lock.withLock {
      if case .failure(let error) = arrival.kind, failure == nil { failure = error }
      arrivals.append(arrival)
    }
    bell.ring()
  }

  /// - Returns: false when nobody wants it any more.
  private func take(_ frame: Frame, of index: Int) throws -> Bool {
    try lock.withLock {
      while !isClosed, mustWait(index) { hasRoom.wait() }
      if isClosed { return false }
      let goesToFile = index != lastInput && heldByteCount > byteCountMax
      if try queues[index].add(frame, spooling: goesToFile ? spoolDirectory : nil) {
        heldByteCount += frame.byteCount
      }
      guard case .marker(let ledger) = frame else {
        if index == lastInput, isWaiting { bell.ring() }
        return true
      }
      arrivals.append(Arrival(input: index, kind: .marker(ledger)))
      bell.ring()
      return true
    }
  }
}

/// What is known of an input before its first row.
package struct InputHeader: Sendable {
  package var header: Header
  package let schema: Schema
  /// A plain Arrow stream of another program.
  package let isForeign: Bool

  package init(header: Header, schema: Schema, isForeign: Bool) {
    self.header = header
    self.schema = schema
    self.isForeign = isForeign
  }
}

extension Frame {
  /// What a frame takes besides the bytes of its message, about.
  private static let ownByteCount = 1024

  fileprivate var byteCount: Int {
    if case .rows(let rows) = self {
      rows.byteCount + Frame.ownByteCount
    } else {
      Frame.ownByteCount
    }
  }
}

/// Wakes a thread that waits for a descriptor.
private final class Bell: Sendable {
  /// Can be read from when the bell has been rung.
  let descriptor: Int32
  private let rope: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw StreamError(.unavailable, "the system has no pipe to give")
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (descriptor, rope) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(rope)
  }

  func ring() {
    var byte: UInt8 = 1
    // A pipe that is full has rung already.
    _ = unsafe write(rope, &byte, 1)
  }

  func silence() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while unsafe read(descriptor, &bytes, bytes.count) == bytes.count {}
  }

  func wait() {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&watched, 1, -1)
    silence()
  }
}
