internal import Diagnostics
internal import Formats
internal import Glibc
internal import JSONText

/// Where `--rejects` keeps malformed records: an object a line.
final class RejectFile {
  let path: String
  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// - Parameter keepsContents: what is there already stays.
  init(_ path: String, keepsContents: Bool) throws(StreamError) {
    self.path = path
    let mode = keepsContents ? O_APPEND : O_TRUNC
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0o644)
    guard descriptor >= 0 else {
      let reason = unsafe String(cString: strerror(errno)).lowercased()
      throw StreamError(.usage, "--rejects: cannot write '\(path)': \(reason)")
    }
  }

  deinit { close(descriptor) }

  /// - Parameter line: with its line end.
  func append(_ line: [UInt8]) throws(StreamError) {
    pending += line
    if pending.count >= 1 << 16 { try flush() }
  }

  func flush() throws(StreamError) {
    var start = 0
    while start < pending.count {
      let written = unsafe pending[start...].withUnsafeBytes {
        unsafe write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        let reason = unsafe String(cString: strerror(errno)).lowercased()
        throw StreamError(.io, "cannot write '\(path)': \(reason)")
      }
      start += written
    }
    pending.removeAll(keepingCapacity: true)
  }
}

extension MalformedRecord {
  /// As it is kept: an object and a line end.
  ///
  /// - Parameter file: nil for standard input.
  func json(file: String?, line: Int64) -> [UInt8] {
    var members: [JSON.Member] = []
    if let file { members.append(JSON.Member("file", .string(file))) }
    members.append(JSON.Member("line", .integer(line)))
    members.append(JSON.Member("column", .integer(Int64(column))))
    members.append(JSON.Member("message", .string(message)))
    if let text = String(validating: bytes, as: UTF8.self) {
      members.append(JSON.Member("record", .string(text)))
    } else {
      members.append(JSON.Member("record_base64", .string(base64(bytes))))
    }
    return Array(JSON.object(members).text.utf8) + [0x0A]
  }
}

/// RFC 4648, with padding.
private func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
    for place in 0..<4 {
      let digit = alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]
      text.append(place <= group.count ? digit : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
