/// One record of CSV, taken apart: `a,"b,c",`.
///
/// A field is quoted when it begins with a quote and one stands before the next delimiter; what
/// looks otherwise is taken as it is, so that every text has fields.
struct CSVFields {
  enum Field: Equatable {
    /// Nothing between two delimiters.
    case missing
    /// Nothing between two quotes.
    case empty
    case text([UInt8])
  }

  private let options: CSVOptions

  init(_ options: CSVOptions) {
    self.options = options
  }

  /// - Parameter limit: no more fields than this are looked for.
  /// - Returns: none when there is no record: for an empty text and for a comment.
  func split(_ text: Span<UInt8>, limit: Int = .max) -> [Field] {
    if text.isEmpty || text[0] == options.comment { return [] }
    var fields: [Field] = []
    var start = 0
    while fields.count < limit {
      let (field, end) = field(text, from: start)
      fields.append(field)
      guard end < text.count else { break }
      start = end + options.delimiter.count
    }
    return fields
  }

  /// - Returns: the field, and where the delimiter behind it begins.
  private func field(_ text: Span<UInt8>, from start: Int) -> (Field, end: Int) {
    var first = start
    if options.trimsStart {
      while first < text.count, isSpace(text[first]), !isDelimiter(text, first) { first += 1 }
    }
    if first < text.count, text[first] == options.quote {
      return quoted(text, from: first)
    }
    let end = delimiter(text, from: first)
    return (plain(text, first..<end), end)
  }

  private func plain(_ text: Span<UInt8>, _ range: Range<Int>) -> Field {
    var end = range.upperBound
    if options.trimsEnd {
      while end > range.lowerBound, isSpace(text[end - 1]) { end -= 1 }
    }
    return end == range.lowerBound ? .missing : .text(text.bytes(range.lowerBound..<end))
  }

  private func quoted(_ text: Span<UInt8>, from start: Int) -> (Field, end: Int) {
    var content: [UInt8] = []
    var place = start + 1
    while place < text.count {
      let byte = text[place]
      if byte == options.escape, place + 1 < text.count,
        text[place + 1] == options.quote || text[place + 1] == options.escape
      {
        content.append(text[place + 1])
        place += 2
      } else if byte == options.quote {
        var next = place + 1
        while next < text.count, isSpace(text[next]), !isDelimiter(text, next) { next += 1 }
        if next == text.count || isDelimiter(text, next) {
          return (content.isEmpty ? .empty : .text(content), next)
        }
        return unclosed(text, text[start], content, from: place + 1)
      } else {
        let isLoneEscape = byte == options.escape && place + 1 == text.count
        if !isLoneEscape { content.append(byte) }
        place += 1
      }
    }
    return (.text(content.isEmpty ? [text[start]] : content), text.count)
  }

  /// More stands behind the closing quote, so it was none; nor was the first.
  private func unclosed(
    _ text: Span<UInt8>, _ quote: UInt8, _ content: [UInt8], from start: Int
  ) -> (Field, end: Int) {
    let end = delimiter(text, from: start)
    let rest = text.bytes(start..<end)
    return (.text(content.isEmpty ? rest : [quote] + content + [quote] + rest), end)
  }

  private func delimiter(_ text: Span<UInt8>, from start: Int) -> Int {
    var place = start
    while place < text.count, !isDelimiter(text, place) { place += 1 }
    return place
  }

  private func isDelimiter(_ text: Span<UInt8>, _ place: Int) -> Bool {
    let delimiter = options.delimiter
    guard text[place] == delimiter[0] else { return false }
    guard delimiter.count > 1 else { return true }
    guard text.count - place >= delimiter.count else { return false }
    return delimiter.indices.allSatisfy { text[place + $0] == delimiter[$0] }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 }
}
