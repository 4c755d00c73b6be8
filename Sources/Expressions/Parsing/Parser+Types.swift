import Columnar
import Diagnostics

extension Parser {
  private static let simpleTypes: [String: DataType] = [
    "boolean": .boolean, "tinyint": .tinyint, "byte": .tinyint, "smallint": .smallint,
    "short": .smallint, "int": .int, "integer": .int, "bigint": .bigint, "long": .bigint,
    "float": .float, "real": .float, "double": .double, "date": .date, "timestamp": .timestamp,
    "timestamp_ltz": .timestamp, "timestamp_ntz": .timestamp, "string": .string, "text": .string,
    "binary": .binary, "void": .void,
  ]

  private static let typeNames =
    simpleTypes.keys.sorted() + ["decimal", "array", "map", "struct", "interval", "varchar"]

  mutating func typeSyntax() throws -> TypeSyntax {
    try nested { parser in try parser.type() }
  }

  private mutating func type() throws -> TypeSyntax {
    let token = current
    let word = try name("a type").lowercased()
    let start = token.range.lowerBound
    var annotation: TypeAnnotation?
    let type: DataType
    switch word {
    case "decimal", "dec", "numeric": type = try decimalType()
    case "array":
      try expect(.less)
      type = .array(try typeSyntax().type)
      try closeAngle()
    case "map":
      try expect(.less)
      let key = try typeSyntax().type
      try expect(.comma)
      type = .map(key: key, value: try typeSyntax().type)
      try closeAngle()
    case "struct": type = .structure(try structFields())
    case "interval" where keyword.flatMap(IntervalUnit.init(word:)) == nil:
      annotation = .calendarInterval
      type = CalendarIntervals.type
    case "interval":
      let fields = try intervalFields()
      annotation = .interval(fields)
      type = fields.start <= .month ? .yearMonthInterval : .dayTimeInterval
    case "char", "character", "varchar":
      try expect(.openParenthesis)
      _ = try count("a length", 1...Int(Int32.max))
      try expect(.closeParenthesis)
      type = .string
    case "double" where accept(word: "PRECISION"): type = .double
    default:
      guard let simple = Parser.simpleTypes[word] else { throw unknownType(word, token.range) }
      if word == "timestamp_ntz" { annotation = .zoneless }
      type = simple
    }
    return TypeSyntax(
      type: type, annotation: annotation, range: start..<tokens[position - 1].range.upperBound)
  }

  private func unknownType(_ word: String, _ range: Range<Int>) -> StreamError {
    let guess = nearest(to: word, among: Parser.typeNames)
    let advice = guess.map { " (did you mean '\($0)'?)" } ?? ""
    let types =
      "types: boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s), string, "
      + "binary, timestamp, date, array<…>, map<…>, struct<…>"
    return failure("no type '\(word)'\(advice)", range, hint: guess == nil ? types : nil)
  }

  private mutating func decimalType() throws -> DataType {
    guard accept(.openParenthesis) else { return .decimal(precision: 10, scale: 0) }
    let precision = try count("a precision", 1...DataType.maxDecimalPrecision)
    let scale = accept(.comma) ? try count("a scale", 0...precision) : 0
    try expect(.closeParenthesis)
    return .decimal(precision: precision, scale: scale)
  }

  private mutating func count(_ role: String, _ range: ClosedRange<Int>) throws -> Int {
    guard case .number(let form) = current.kind, !form.hasPoint, !form.hasExponent,
      form.suffix == nil, let value = Int(form.digits), range.contains(value)
    else { throw expected("\(role) from \(range.lowerBound) to \(range.upperBound)") }
    position += 1
    return value
  }

  private mutating func intervalFields() throws -> IntervalFields {
    guard let start = keyword.flatMap(IntervalUnit.init(word:))?.field else {
      throw expected("units such as DAY TO SECOND or YEAR TO MONTH")
    }
    position += 1
    guard accept(word: "TO") else { return IntervalFields(start, start) }
    guard let end = keyword.flatMap(IntervalUnit.init(word:))?.field, start < end,
      start.isYearMonth == end.isYearMonth
    else { throw expected("a smaller unit after TO") }
    position += 1
    return IntervalFields(start, end)
  }

  private mutating func structFields() throws -> [Field] {
    if accept(.lessGreater) { return [] }
    try expect(.less)
    let fields = try fieldList()
    try closeAngle()
    return fields
  }

  /// `a bigint, b: string NOT NULL COMMENT 'x'`.
  mutating func fieldList() throws -> [Field] {
    var fields: [Field] = []
    repeat {
      let range = current.range
      let name = try name("a column name")
      _ = accept(.colon)
      if fields.contains(where: { $0.name == name }) {
        throw failure("the name '\(name)' stands here twice", range)
      }
      fields.append(Field(name, try typeSyntax().type))
      if at(word: "NOT"), keyword(ahead: 1) == "NULL" { position += 2 }
      if accept(word: "COMMENT") {
        guard case .string = current.kind else { throw expected("a text in quotes after COMMENT") }
        position += 1
      }
    } while accept(.comma)
    return fields
  }

  /// One `>`, which may be the first of a `>>` or a `>>>`.
  private mutating func closeAngle() throws {
    let range = current.range
    switch current.kind {
    case .symbol(.shiftRight), .symbol(.unsignedShift):
      let rest: Symbol = at(.shiftRight) ? .greater : .shiftRight
      let remainder = range.lowerBound + 1..<range.upperBound
      tokens[position] = Token(kind: .symbol(rest), range: remainder)
    default: try expect(.greater, "',' or '>'")
    }
  }
}
