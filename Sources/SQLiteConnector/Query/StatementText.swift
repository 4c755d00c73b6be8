internal import Columnar
internal import Diagnostics

/// A statement as it was written, and as SQLite has to run it.
///
/// SQLite makes a number of anything that is cast to a type that it does not know, so that
/// `CAST('2026-01-01' AS DATE)` is 2026. Such casts are made calls of a function of ours.
struct StatementText {
  let text: SQLText
  /// What SQLite runs.
  let rewritten: String
  /// The types and the texts of the casts that are ours; the function is told the number.
  let casts: [(type: DataType, text: String)]
  private let sites: [Int: CastSite]

  static let castFunction = "stream cast"

  init(_ statement: String) throws(StreamError) {
    let text = SQLText(statement)
    self.text = text
    var sites: [Int: CastSite] = [:]
    var casts: [(type: DataType, text: String)] = []
    var edits: [Edit] = []
    for index in text.tokens.indices {
      guard let site = try CastSite(text, at: index) else { continue }
      sites[index] = site
      let type = text.tokens[site.separator + 1].range.lowerBound..<text.end(of: index..<site.close)
      switch site.meaning {
      case .native, .unknown: break
      case .renamed(_, let name): edits.append(Edit(type, name))
      case .ours(let target):
        // Equal casts must stay equal, for GROUP BY and ORDER BY.
        let source = text.source(index..<site.close + 1)
        let number = casts.firstIndex { $0.text == source } ?? casts.count
        if number == casts.count { casts.append((target, source)) }
        edits += StatementText.edits(for: site, in: text, type: target, number: number)
      }
    }
    self.sites = sites
    self.casts = casts
    rewritten = StatementText.applying(edits, to: text)
  }

  // MARK: - Rewriting

  private struct Edit {
    let range: Range<Int>
    let replacement: String

    init(_ range: Range<Int>, _ replacement: String) {
      self.range = range
      self.replacement = replacement
    }
  }

  /// The result of a function has no affinity, so that no text would be equal to a number: a cast
  /// around it gives it one.
  private static func edits(
    for site: CastSite, in text: SQLText, type: DataType, number: Int
  ) -> [Edit] {
    let outer = type == .boolean ? "INTEGER" : "TEXT"
    let collation = type.isDecimal ? " COLLATE \(decimalCollation)" : ""
    let separator = text.tokens[site.separator].range.lowerBound
    let end = text.tokens[site.close].range
    return [
      Edit(text.tokens[site.open].range, "(CAST(\"\(castFunction)\""),
      Edit(separator..<end.lowerBound, ", \(number)"),
      Edit(end.upperBound..<end.upperBound, " AS \(outer))\(collation))"),
    ]
  }

  private static func applying(_ edits: [Edit], to text: SQLText) -> String {
    var result = ""
    var offset = 0
    // What is put between two tokens comes before what takes the place of the second.
    let sorted = edits.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for edit in sorted {
      result += text[offset..<edit.range.lowerBound] + edit.replacement
      offset = edit.range.upperBound
    }
    return result + text[offset..<text.bytes.count]
  }

  // MARK: - Result columns

  /// How a result column is written.
  enum Item: Equatable {
    /// A cast to a type that is known, or a call of a function that gives this type; as it is written,
    /// without a name.
    case typed(DataType, String)
    /// A cast to a type that nobody knows.
    case unknownType(String)
    /// Something else.
    case expression(String)
  }

  /// How the result columns of the first SELECT are written.
  ///
  /// - Parameter count: how many there are once stars are replaced by columns.
  /// - Returns: nil for those that come from a star, and for those between two stars.
  func items(count: Int) -> [Item?] {
    let ranges = itemRanges
    var items = [Item?](repeating: nil, count: count)
    for (index, range) in ranges.enumerated() {
      if isStar(range) || index >= count { break }
      items[index] = item(range)
    }
    for (index, range) in ranges.reversed().enumerated() {
      if isStar(range) || index >= count { break }
      items[count - 1 - index] = item(range)
    }
    return items
  }

  /// The type of a column that comes from a SELECT within the statement.
  ///
  /// - Parameter item: how the column is written.
  /// - Returns: nil when it is computed, or not all that have its name further in are known to be of
  ///   one type.
  func innerType(of name: String, _ item: Item?) -> DataType? {
    if case .expression(let source) = item, !SQLText(source).isColumnName { return nil }
    var found: DataType?
    for range in innerItemRanges where isCalled(name, range) {
      guard case .typed(let type, _) = self.item(range), found ?? type == type else { return nil }
      found = type
    }
    return found
  }

  /// The tokens of each result column of the SELECTs in parentheses that is computed.
  private var innerItemRanges: [Range<Int>] {
    var (depth, ranges): (Int, [Range<Int>]) = (0, [])
    for index in text.tokens.indices {
      if depth > 0, text.word(index) == "SELECT" { ranges += split(from: firstItem(behind: index)) }
      depth += text.depthChange(index)
    }
    return ranges.filter { !isStar($0) && !SQLText(text.source($0)).isColumnName }
  }

  private func isCalled(_ name: String, _ range: Range<Int>) -> Bool {
    let last = range.upperBound - 1
    switch text.tokens[last].kind {
    case .word, .quotedName, .string: break
    case .literal, .symbol: return false
    }
    return range.count > 1 && text.unquoted(last).lowercased() == name.lowercased()
  }

  /// Whether a column is written as this cast, and nothing but its name behind it.
  func isCast(_ item: Item?, _ cast: String) -> Bool {
    if case .typed(_, let source) = item { source == cast } else { false }
  }

  private func isStar(_ range: Range<Int>) -> Bool {
    let last = range.upperBound - 1
    return text.isSymbol(last, "*") && (range.count == 1 || text.isSymbol(last - 1, "."))
  }

  private func item(_ range: Range<Int>) -> Item {
    let first = range.lowerBound
    if text.isSymbol(first, "("), let close = text.closing(first), close < range.upperBound,
      isName(close + 1..<range.upperBound), first + 1 < close
    {
      return item(first + 1..<close)
    }
    if let site = sites[first], isName(site.close + 1..<range.upperBound) {
      if let type = site.meaning.type {
        return .typed(type, text.source(first..<site.close + 1))
      }
      if case .unknown(let name) = site.meaning { return .unknownType(name) }
    }
    if let type = typeOfCall(range) { return .typed(type, text.source(range)) }
    return .expression(text.source(range))
  }

  /// Functions whose results are of one type, whatever they are given.
  private static let functionTypes: [String: DataType] = [
    "COUNT": .bigint, "ROW_NUMBER": .bigint, "RANK": .bigint, "DENSE_RANK": .bigint,
    "NTILE": .bigint, "PERCENT_RANK": .double, "CUME_DIST": .double,
  ]

  private func typeOfCall(_ range: Range<Int>) -> DataType? {
    guard let name = text.word(range.lowerBound), let type = StatementText.functionTypes[name],
      text.isSymbol(range.lowerBound + 1, "("), var end = text.closing(range.lowerBound + 1)
    else { return nil }
    if text.word(end + 1) == "FILTER", text.isSymbol(end + 2, "(") {
      guard let close = text.closing(end + 2) else { return nil }
      end = close
    }
    if text.word(end + 1) == "OVER" {
      if text.isSymbol(end + 2, "(") {
        guard let close = text.closing(end + 2) else { return nil }
        end = close
      } else if end + 2 < range.upperBound {
        end += 2
      }
    }
    guard end < range.upperBound, isName(end + 1..<range.upperBound) else { return nil }
    return type
  }

  /// Whether what follows an expression is nothing but its name, or an order for comparing it.
  private func isName(_ range: Range<Int>) -> Bool {
    var rest = range
    if rest.count >= 2, text.word(rest.lowerBound) == "COLLATE" { rest = rest.dropFirst(2) }
    if rest.count == 2, text.word(rest.lowerBound) == "AS" { return true }
    guard rest.count == 1 else { return rest.isEmpty }
    switch text.tokens[rest.lowerBound].kind {
    case .word: return !["ISNULL", "NOTNULL"].contains(text.word(rest.lowerBound) ?? "")
    case .quotedName, .string: return true
    case .literal, .symbol: return false
    }
  }

  private static let itemEnds: Set = [
    "FROM", "WHERE", "GROUP", "HAVING", "UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT",
  ]

  /// The tokens of each item, its name included.
  private var itemRanges: [Range<Int>] {
    var depth = 0
    for index in text.tokens.indices {
      if depth == 0, text.word(index) == "SELECT" { return split(from: firstItem(behind: index)) }
      if depth == 0, text.word(index) == "VALUES" { return split(from: index + 2) }
      depth += text.depthChange(index)
    }
    return []
  }

  private func firstItem(behind select: Int) -> Int {
    ["DISTINCT", "ALL"].contains(text.word(select + 1) ?? "") ? select + 2 : select + 1
  }

  private func split(from first: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = first
    var (index, depth) = (first, 0)
    while index < text.tokens.count, depth + text.depthChange(index) >= 0 {
      if depth == 0, isEnd(index) { break }
      if depth == 0, text.isSymbol(index, ",") {
        ranges.append(start..<index)
        start = index + 1
      }
      depth += text.depthChange(index)
      index += 1
    }
    if start <= index { ranges.append(start..<index) }
    return ranges.filter { !$0.isEmpty }
  }

  private func isEnd(_ index: Int) -> Bool {
    if text.isSymbol(index, ";") { return true }
    guard let word = text.word(index), StatementText.itemEnds.contains(word) else { return false }
    // As in `a IS DISTINCT FROM b`.
    return word != "FROM" || text.word(index - 1) != "DISTINCT"
  }
}
