package import Diagnostics

/// Where one connects to or listens, as people write it.
package enum SocketPlace: Sendable, Equatable {
  case network(host: String, port: UInt16)
  /// A socket in the file system.
  case path(String)

  private static let prefix = "unix:"
  /// What the system's structure has room for, without the zero at the end.
  private static let pathByteCountMax = 107

  /// Reads `HOST:PORT`, `[::1]:PORT` or `unix:PATH`.
  package init(connectingTo text: String) throws(StreamError) {
    self = try SocketPlace.parse(text, hosts: nil)
    guard case .network(_, 0) = self else { return }
    throw StreamError(.usage, "'\(text)': nobody can be at port 0")
  }

  /// Reads `PORT`, `ADDR:PORT` or `unix:PATH`. Port 0 lets the system choose one.
  package init(listeningAt text: String) throws(StreamError) {
    // Whoever wants to be reached from other machines says so.
    self = try SocketPlace.parse(text, hosts: "127.0.0.1")
  }

  private static func parse(
    _ text: String, hosts defaultHost: String?
  ) throws(StreamError) -> SocketPlace {
    if text.hasPrefix(prefix) {
      let path = String(text.dropFirst(prefix.count))
      guard !path.isEmpty, !path.utf8.contains(0) else {
        throw StreamError(.usage, "'\(text)': expected a path behind 'unix:'")
      }
      guard path.utf8.count <= pathByteCountMax else {
        throw StreamError(
          .usage, "'\(text)': the path of a socket has at most \(pathByteCountMax) bytes")
      }
      return .path(path)
    }
    let parts = split(text)
    guard let host = parts.host ?? defaultHost, !host.isEmpty, let port = UInt16(digits: parts.port)
    else {
      let wanted = defaultHost == nil ? "HOST:PORT" : "PORT, ADDRESS:PORT"
      let isPort = parts.host == nil && UInt16(digits: parts.port) != nil
      throw StreamError(
        .usage, "expected \(wanted) or unix:PATH but found '\(text)'",
        hint: isPort ? "localhost:\(text), or --listen \(text) to wait for peers" : nil)
    }
    return .network(host: host, port: port)
  }

  /// - Returns: no host where there is no colon; an empty one where it is not well-formed.
  private static func split(_ text: String) -> (host: String?, port: Substring) {
    guard let colon = text.lastIndex(of: ":") else { return (nil, text[...]) }
    let (host, port) = (text[..<colon], text[text.index(after: colon)...])
    if host.hasPrefix("["), host.hasSuffix("]") {
      return (String(host.dropFirst().dropLast()), port)
    }
    return (host.contains(":") ? "" : String(host), port)
  }
}

extension SocketPlace: CustomStringConvertible {
  package var description: String {
    switch self {
    case .network(let host, let port):
      host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .path(let path): "\(SocketPlace.prefix)\(path)"
    }
  }
}

extension UInt16 {
  /// Digits alone: no sign, no space.
  fileprivate init?(digits: Substring) {
    guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
      return nil
    }
    self.init(digits)
  }
}
