internal import Glibc

/// Connects to a place without ever waiting, but for the answers of name servers: its addresses are
/// tried one after the other.
final class Dialer {
  enum Step {
    /// The caller owns the descriptor.
    case connected(Int32)
    /// Until then, in µs of uptime, or until the pending descriptor can be written.
    case waiting(until: Int64)
    /// In the system's words.
    case failed(String)
  }

  let place: SocketPlace
  /// What is being connected; -1 for none.
  private(set) var pending: Int32 = -1
  private var addresses: [SocketAddress] = []
  private var isUnderWay = false
  private var givesUpAt: Int64 = 0
  private var failure = "no address"

  /// How long one address may take to answer, in µs.
  private static let patience: Int64 = 10_000_000

  init(_ place: SocketPlace) { self.place = place }

  deinit { drop() }

  /// Goes on with the attempt that is under way, else begins one.
  func step(at now: Int64) -> Step {
    if !isUnderWay {
      isUnderWay = true
      let resolved = SocketAddress.resolve(place)
      addresses = resolved.addresses
      failure = resolved.failure ?? failure
    }
    if pending >= 0, let step = stepPending(at: now) { return step }
    while !addresses.isEmpty {
      if let step = begin(addresses.removeFirst(), at: now) { return step }
    }
    isUnderWay = false
    return .failed(failure)
  }

  private func stepPending(at now: Int64) -> Step? {
    var watched = pollfd(fd: pending, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&watched, 1, 0) > 0 else {
      if now < givesUpAt { return .waiting(until: givesUpAt) }
      failure = "no answer"
      drop()
      return nil
    }
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(pending, SOL_SOCKET, SO_ERROR, &code, &length) == 0, code == 0 else {
      failure = systemWords(code)
      drop()
      return nil
    }
    return connected(pending)
  }

  private func begin(_ address: SocketAddress, at now: Int64) -> Step? {
    let descriptor = address.makeSocket()
    guard descriptor >= 0 else {
      failure = systemWords(errno)
      return nil
    }
    let status = unsafe address.withPointer { unsafe connect(descriptor, $0, $1) }
    if status == 0 { return connected(descriptor) }
    guard errno == EINPROGRESS || errno == EINTR else {
      failure = systemWords(errno)
      close(descriptor)
      return nil
    }
    pending = descriptor
    givesUpAt = now + Dialer.patience
    return .waiting(until: givesUpAt)
  }

  private func connected(_ descriptor: Int32) -> Step {
    pending = -1
    addresses = []
    isUnderWay = false
    return .connected(descriptor)
  }

  private func drop() {
    if pending >= 0 { close(pending) }
    pending = -1
  }
}
