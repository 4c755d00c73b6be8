internal import Glibc

/// An address as the system wants it.
struct SocketAddress {
  let family: Int32
  let bytes: [UInt8]

  @unsafe
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    unsafe bytes.withUnsafeBytes { raw in
      // SAFETY: the system wrote the bytes, or `init(path:)` laid them out as it does.
      var storage = sockaddr_storage()
      unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyMemory(from: raw) }
      return unsafe withUnsafePointer(to: &storage) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(bytes.count))
        }
      }
    }
  }

  /// Of a socket in the file system.
  ///
  /// - Parameter path: as long as a `SocketPlace` allows.
  init(path: String) {
    family = AF_UNIX
    let number = UInt16(AF_UNIX)
    bytes = [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)] + Array(path.utf8) + [0]
  }

  private init(family: Int32, bytes: [UInt8]) {
    self.family = family
    self.bytes = bytes
  }

  /// All addresses of a place, in the order in which they should be tried. It waits for the
  /// answers of name servers.
  ///
  /// - Returns: the system's words where there are none.
  static func resolve(_ place: SocketPlace) -> (addresses: [SocketAddress], failure: String?) {
    guard case .network(let host, let port) = place else {
      guard case .path(let path) = place else { return ([], nil) }
      return ([SocketAddress(path: path)], nil)
    }
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_NUMERICSERV
    var first: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(host, "\(port)", &hints, &first)
    guard status == 0 else {
      let words = unsafe gai_strerror(status).map { unsafe String(cString: $0) }
      return ([], (words ?? "error \(status)").decapitalized)
    }
    defer { unsafe freeaddrinfo(first) }
    var addresses: [SocketAddress] = []
    var next = unsafe first
    while let info = unsafe next {
      if let address = unsafe info.pointee.ai_addr {
        let raw = unsafe UnsafeRawBufferPointer(
          start: address, count: Int(info.pointee.ai_addrlen))
        unsafe addresses.append(
          SocketAddress(family: info.pointee.ai_family, bytes: Array(raw)))
      }
      unsafe next = info.pointee.ai_next
    }
    return (addresses, addresses.isEmpty ? "the name has no address" : nil)
  }

  /// A socket that never blocks and that no other program inherits.
  ///
  /// - Returns: -1 after an error, which is in `errno`.
  func makeSocket() -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    if descriptor >= 0 { prepareSocket(descriptor) }
    return descriptor
  }

  /// The address that a socket has, or that of its peer: `127.0.0.1:9999`.
  ///
  /// - Returns: nil for sockets in the file system.
  static func name(of descriptor: Int32, isPeer: Bool) -> String? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: 256)
    var port = [CChar](repeating: 0, count: 32)
    let status: Int32 = unsafe withUnsafeMutablePointer(to: &storage) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let ask = unsafe isPeer ? getpeername : getsockname
        let status = unsafe ask(descriptor, address, &length)
        let family = unsafe Int32(address.pointee.sa_family)
        guard status == 0, family == AF_INET || family == AF_INET6 else { return -1 }
        return unsafe getnameinfo(
          address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
          NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard status == 0 else { return nil }
    let (hostText, portText) = (text(host), text(port))
    return hostText.contains(":") ? "[\(hostText)]:\(portText)" : "\(hostText):\(portText)"
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

func prepareSocket(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  var on: Int32 = 1
  // A peer that has vanished without a word shows some day.
  _ = unsafe setsockopt(
    descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
}

/// The system's words for an error, in lower case.
func systemWords(_ code: Int32) -> String {
  unsafe strerror(code).map { unsafe String(cString: $0).decapitalized } ?? "error \(code)"
}

extension String {
  fileprivate var decapitalized: String { prefix(1).lowercased() + dropFirst() }
}
