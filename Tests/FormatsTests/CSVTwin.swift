import Columnar

/// A CSV reader that is slow and obvious: a state for each byte.
struct CSVTwin {
  struct Record: Equatable {
    var fields: [(bytes: [UInt8], isQuoted: Bool)] = []
    /// Where it begins, and where its line feed is (or the end of the text).
    var start = 0
    var end = 0
    var isMisquoted = false

    static func == (left: Record, right: Record) -> Bool {
      left.start == right.start && left.end == right.end && left.isMisquoted == right.isMisquoted
        && left.fields.elementsEqual(right.fields) {
          $0.bytes == $1.bytes && $0.isQuoted == $1.isQuoted
        }
    }
  }

  private enum State { case fieldStart, plain, quoted, behindQuote, stray }

  let text: [UInt8]
  let delimiter: UInt8
  private(set) var records: [Record] = []
  private var record = Record()
  private var field: [UInt8] = []
  private var isQuoted = false
  private var state = State.fieldStart

  init(_ text: [UInt8], delimiter: UInt8 = UInt8(ascii: ",")) {
    self.text = text
    self.delimiter = delimiter
    for offset in text.indices { take(text[offset], offset) }
    if state == .quoted { record.isMisquoted = true }
    if record.start < text.count { endRecord(text.count) }
  }

  private mutating func take(_ byte: UInt8, _ offset: Int) {
    if state == .quoted {
      if byte == UInt8(ascii: "\"") { state = .behindQuote } else { field.append(byte) }
      return
    }
    if byte == delimiter { return endField() }
    if byte == UInt8(ascii: "\n") {
      // The CR of the line end: of a plain field it has become part, behind a quote it is stray.
      if offset > 0, text[offset - 1] == UInt8(ascii: "\r"), offset > record.start {
        if state == .plain { field.removeLast() }
        if state == .stray, isStrayReturn { record.isMisquoted = wasMisquoted }
      }
      return endRecord(offset)
    }
    if byte == UInt8(ascii: "\""), state == .fieldStart {
      isQuoted = true
      state = .quoted
    } else if byte == UInt8(ascii: "\""), state == .behindQuote {
      field.append(byte)
      state = .quoted
    } else if state == .behindQuote {
      wasMisquoted = record.isMisquoted
      isStrayReturn = byte == UInt8(ascii: "\r")
      record.isMisquoted = true
      state = .stray
    } else if state == .stray {
      isStrayReturn = false
    } else {
      field.append(byte)
      state = .plain
    }
  }

  /// Whether all that stands behind a closing quote is a CR.
  private var isStrayReturn = false
  private var wasMisquoted = false

  private mutating func endField() {
    record.fields.append((field, isQuoted))
    field = []
    isQuoted = false
    state = .fieldStart
  }

  private mutating func endRecord(_ end: Int) {
    endField()
    record.end = end
    records.append(record)
    record = Record()
    record.start = end + 1
  }

  /// The text of a record, without its line end.
  func bytes(_ record: Record) -> [UInt8] {
    var end = record.end
    if end < text.count, end > record.start, text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return Array(text[record.start..<end])
  }
}

/// What the twin makes of a text whose records are a string, a bigint and a string.
struct TwinRows: Equatable {
  var rows: [[Value]] = []
  var malformed: [Bad] = []

  struct Bad: Equatable {
    var line: Int
    var bytes: [UInt8]
  }

  init() {}

  init(_ text: [UInt8], nullText: String? = nil) {
    let twin = CSVTwin(text)
    for record in twin.records {
      let fields = record.fields
      if fields.count == 1, twin.bytes(record).isEmpty { continue }
      let values = fields.enumerated().map { index, field in
        value(field.bytes, field.isQuoted, isInteger: index == 1, nullText)
      }
      if record.isMisquoted || fields.count != 3 || values.contains(nil) {
        let line = text[..<record.start].count { $0 == UInt8(ascii: "\n") }
        malformed.append(Bad(line: line, bytes: twin.bytes(record)))
      } else {
        rows.append(values.map { $0! })
      }
    }
  }

  /// - Returns: nil when the field is not of its type.
  private func value(
    _ bytes: [UInt8], _ isQuoted: Bool, isInteger: Bool, _ nullText: String?
  ) -> Value? {
    if bytes.isEmpty { return isInteger || !isQuoted ? .null : .string("") }
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    if !isQuoted, text == nullText { return .null }
    guard isInteger else { return .string(text) }
    guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") }) else { return nil }
    return Int64(text).map { .integer($0) }
  }
}
