import Columnar
import Connectors
import Formats
import Glibc
import Synchronization

/// A loopback socket of the test's own: the other side.
final class Peer: Sendable {
  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Connects to a port of this machine.
  convenience init(port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    precondition(unsafe withLoopback(port) { unsafe connect(descriptor, $0, $1) } == 0)
    self.init(descriptor)
  }

  /// Listens at a port that the system chooses.
  static func listening() -> (peer: Peer, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    precondition(unsafe withLoopback(0) { unsafe bind(descriptor, $0, $1) } == 0)
    precondition(listen(descriptor, 16) == 0)
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    return (Peer(descriptor), UInt16(bigEndian: address.sin_port))
  }

  func accepted() -> Peer { Peer(accept(descriptor, nil, nil)) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  func end() { close(descriptor) }

  /// Breaks the connection off: what was not read is gone.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close(descriptor)
  }

  /// Whether the other side has closed the connection; waits for it.
  func isClosed() -> Bool {
    var byte: UInt8 = 0
    return unsafe recv(descriptor, &byte, 1, 0) <= 0
  }
}

@unsafe
private func withLoopback<Result>(
  _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return unsafe withUnsafePointer(to: &address) {
    unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

/// An input of sockets, and what it tells.
final class SocketRun {
  private final class Told: Sendable {
    let warnings = Mutex<[String]>([])
    let news = Mutex<[String]>([])
  }

  private let told = Told()
  private let pipeEnds: [Int32]
  let input: SocketInput

  init(
    _ role: SocketInput.Role, _ plan: InputPlan = InputPlan(format: .text),
    connectionCountMax: Int = 1000
  ) throws {
    var ends: [Int32] = [-1, -1]
    precondition(unsafe pipe(&ends) == 0)
    pipeEnds = ends
    let told = told
    input = try SocketInput(
      role, plan: plan, connectionCountMax: connectionCountMax,
      stop: StopSignal(descriptor: ends[0]),
      notices: Notices { message, _ in told.warnings.withLock { $0.append(message) } }
    ) { message in told.news.withLock { $0.append(message) } }
  }

  deinit { for end in pipeEnds { close(end) } }

  var warnings: [String] { told.warnings.withLock { $0 } }
  var news: [String] { told.news.withLock { $0 } }

  /// Where it listens.
  var port: UInt16 {
    news.first.flatMap { $0.split(separator: ":").last }.flatMap { UInt16($0) } ?? 0
  }

  func stop() {
    var byte: UInt8 = 1
    _ = unsafe write(pipeEnds[1], &byte, 1)
  }

  /// Reads until there are so many rows; all that come, if none are named.
  func rows(_ count: Int = .max) throws -> (rows: [[Value]], isComplete: Bool?) {
    var rows: [[Value]] = []
    while rows.count < count {
      switch try input.next(until: .never) {
      case .rows(let batch, _, _): rows += batch.rows
      case .end(let isComplete): return (rows, isComplete)
      default: continue
      }
    }
    return (rows, nil)
  }

  /// The same, of the only column.
  func texts(_ count: Int = .max) throws -> [String] {
    try rows(count).rows.map { row in
      if case .string(let text)? = row.first { text } else { "\(row)" }
    }
  }

  /// Reads until it has told so many news.
  func takeNews(_ count: Int) throws {
    while news.count < count {
      _ = try input.next(until: Deadline(uptime: Moment.now.uptime + 10_000))
    }
  }
}

let anyPort = SocketInput.Role.listening(.network(host: "127.0.0.1", port: 0))

func csv(_ schema: Schema? = nil) -> InputPlan {
  var plan = InputPlan(format: .csv)
  plan.options.schema = schema
  return plan
}

/// News of an input that is still waiting for its first records.
final class ListeningNews: Sendable {
  private let port = Mutex<UInt16?>(nil)

  func note(_ message: String) {
    guard let number = message.split(separator: ":").last.flatMap({ UInt16($0) }) else { return }
    port.withLock { if $0 == nil { $0 = number } }
  }

  func waitForPort() -> UInt16 {
    while true {
      if let port = port.withLock({ $0 }) { return port }
      usleep(1_000)
    }
  }
}
