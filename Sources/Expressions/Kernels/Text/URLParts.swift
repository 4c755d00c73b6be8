import Columnar

/// A URL and its parts, as Java's `URI` sees them.
struct URLParts {
  private(set) var scheme: String?
  private(set) var authority: String?
  private(set) var path: String?
  private(set) var query: String?
  private(set) var fragment: String?

  /// - Returns: nil when the text is no URL.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard URLParts.isWellFormed(bytes) else { return nil }
    var rest = bytes[...]
    if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
      fragment = URLParts.string(rest[(hash + 1)...])
      rest = rest[..<hash]
    }
    let name = rest.prefix { byte in
      URLParts.isLetterOrDigit(byte) || byte == 0x2B || byte == 0x2D || byte == 0x2E
    }
    if !name.isEmpty, name.endIndex < rest.endIndex, rest[name.endIndex] == UInt8(ascii: ":"),
      name[name.startIndex] &- 0x30 > 9
    {
      scheme = URLParts.string(name)
      rest = rest[(name.endIndex + 1)...]
      guard !rest.isEmpty else { return nil }
      // What follows without a '/' is no path: mailto:a@b.c.
      if rest.first != UInt8(ascii: "/") { return }
    }
    if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
      query = URLParts.string(rest[(mark + 1)...])
      rest = rest[..<mark]
    }
    if rest.starts(with: Array("//".utf8)) {
      rest = rest.dropFirst(2)
      let place = rest.prefix { $0 != UInt8(ascii: "/") }
      if !place.isEmpty { authority = URLParts.string(place) }
      rest = rest.dropFirst(place.count)
    }
    path = URLParts.string(rest)
  }

  private static func string(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte
  }

  private static func isWellFormed(_ bytes: [UInt8]) -> Bool {
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case 0...0x20, 0x22, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7B...0x7D, 0x7F: return false
      case UInt8(ascii: "%"):
        guard index + 2 < bytes.count, hexadecimalDigit(bytes[index + 1]) != nil,
          hexadecimalDigit(bytes[index + 2]) != nil
        else { return false }
      default: break
      }
    }
    return true
  }

  // MARK: - The authority

  private var server: (userInfo: String?, host: String)? {
    guard let authority else { return nil }
    let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count <= 2, let last = parts.last else { return nil }
    var host = String(last)
    let end = host.lastIndex(of: "]").map { host.index(after: $0) } ?? host.startIndex
    if let colon = host[end...].lastIndex(of: ":") {
      guard host[host.index(after: colon)...].utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else {
        return nil
      }
      host = String(host[..<colon])
    }
    guard isHost(host) else { return nil }
    return (parts.count == 2 ? String(parts[0]) : nil, host)
  }

  private func isHost(_ host: String) -> Bool {
    if host.hasPrefix("[") { return host.hasSuffix("]") }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    return !host.isEmpty
      && labels.allSatisfy { label in
        !label.isEmpty && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { URLParts.isLetterOrDigit($0) || $0 == 0x2D }
      }
  }

  /// - Parameter name: as `parse_url` has it: `HOST`, `PATH`, …
  func part(_ name: String) -> String? {
    switch name {
    case "HOST": server?.host
    case "PATH": path
    case "QUERY": query
    case "REF": fragment
    case "PROTOCOL": scheme
    case "FILE": path.map { path in query.map { "\(path)?\($0)" } ?? path }
    case "AUTHORITY": authority
    case "USERINFO": server?.userInfo
    default: nil
    }
  }

  /// The value of a key of the query.
  func value(of key: String) -> String? {
    guard let query else { return nil }
    for pair in query.split(separator: "&", omittingEmptySubsequences: false)
    where pair.hasPrefix("\(key)=") {
      return String(pair.dropFirst(key.count + 1))
    }
    return nil
  }

  // MARK: - Kernel

  /// `parse_url(url, part[, key])`.
  static let kernel = Kernel(canFail: true) { arguments in
    let (texts, names) = (arguments.strings(0), arguments.strings(1))
    let keys = arguments.count > 2 ? arguments.strings(2) : nil
    return try arguments.makeStrings { row, output in
      let text = texts.string(row)
      guard let parts = URLParts(text) else {
        throw Reason(
          "INVALID_URL", "'\(text.prefix(60))' is not a URL",
          hint: "try_parse_url gives null instead")
      }
      let name = names.string(row)
      let found: String?
      if let keys {
        found = name == "QUERY" ? parts.value(of: keys.string(row)) : nil
      } else {
        found = parts.part(name)
      }
      guard let found else { return false }
      output.append(found)
      return true
    }
  }
}
