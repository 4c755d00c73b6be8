internal import Diagnostics
internal import Formats
internal import Glibc
internal import JSONText

/// Counts the malformed records, reports them and keeps them where asked.
final class MalformedRecords {
  private let policy: MalformedPolicy
  /// They stay in the flow (`--corrupt-column`).
  private let staysInFlow: Bool
  private let notices: Notices
  private var rejects: RejectFile?
  private(set) var count: Int64 = 0
  private var file: String?
  /// Lines of the file before the block that comes next.
  private var lineCount = 0
  private var first: String?

  init(_ plan: InputPlan, notices: Notices) throws(StreamError) {
    policy = plan.malformed
    staysInFlow = plan.options.corruptColumn != nil
    self.notices = notices
    if let path = plan.rejectsPath { rejects = try RejectFile(path) }
  }

  func startFile(_ name: String?, lineCount: Int) {
    file = name
    self.lineCount = lineCount
  }

  /// - Throws: a data error for the first one, if the policy is to fail; an I/O error when they
  ///   cannot be written.
  func take(_ parsed: ParsedBlock) throws(StreamError) {
    for record in parsed.malformed { try take(record) }
    lineCount += parsed.lineCount
  }

  private func take(_ record: MalformedRecord) throws(StreamError) {
    count += 1
    let line = lineCount + record.line + 1
    let place = "\(file ?? standardInputName):\(line):\(record.column)"
    if policy == .fail {
      throw StreamError(
        .data, record.message, location: place,
        hint: "go on without such records: --on-malformed keep")
    }
    try rejects?.append(record, file: file, line: line)
    guard first == nil else { return }
    first = "\(place): \(record.message)"
    if policy == .keep, !staysInFlow, rejects == nil {
      notices.warn("\(place): \(record.message)", nil)
    }
  }

  /// Says at the end how many there were.
  func finish() throws(StreamError) {
    try rejects?.flush()
    guard count > 0, let first, !staysInFlow else { return }
    let records = count == 1 ? "1 malformed record was" : "\(count) malformed records were"
    if let rejects {
      notices.warn("\(records) put into '\(rejects.path)'; the first: \(first)", nil)
    } else if policy == .keep {
      notices.warn("\(records) left out", "keep them: --rejects FILE or --corrupt-column NAME")
    } else {
      notices.warn("\(records) dropped; the first: \(first)", nil)
    }
  }
}

/// Where malformed records are kept: an object a line.
private final class RejectFile {
  let path: String
  private let descriptor: Int32
  private var pending: [UInt8] = []

  init(_ path: String) throws(StreamError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let reason = unsafe String(cString: strerror(errno)).lowercased()
      throw StreamError(.usage, "--rejects: cannot write '\(path)': \(reason)")
    }
  }

  deinit { close(descriptor) }

  func append(_ record: MalformedRecord, file: String?, line: Int) throws(StreamError) {
    var members: [JSON.Member] = []
    if let file { members.append(JSON.Member("file", .string(file))) }
    members.append(JSON.Member("line", .integer(Int64(line))))
    members.append(JSON.Member("column", .integer(Int64(record.column))))
    members.append(JSON.Member("message", .string(record.message)))
    if let text = String(validating: record.bytes, as: UTF8.self) {
      members.append(JSON.Member("record", .string(text)))
    } else {
      members.append(JSON.Member("record_base64", .string(base64(record.bytes))))
    }
    pending += JSON.object(members).text.utf8
    pending.append(0x0A)
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
