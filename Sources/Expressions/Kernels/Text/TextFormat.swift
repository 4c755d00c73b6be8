import Columnar
import Scalars

/// `format_string(format, a, b, …)` with Java's directives: `%s %d %x %o %c %b %e %f %g %%`, with
/// flags, width and precision.
enum TextFormat {
  static func bind(_ call: CallBinder) throws -> Node {
    let format = try call.argument(0, .text)
    return call.call(kernel, [format] + call.arguments[1...], .string)
  }

  private static let kernel = Kernel(canFail: true, propagatesNulls: false) { arguments in
    let formats = arguments.strings(0)
    let writers = arguments.vectors.map { ValueWriter($0.type) }
    var known: (text: String, pieces: [Piece])?
    return try arguments.with([arguments[0]], type: .string).makeStrings { row, output in
      let text = formats.string(row)
      if known?.text != text { known = (text, try pieces(of: text)) }
      var next = 1
      for piece in known?.pieces ?? [] {
        let made: String
        switch piece {
        case .literal(let literal): made = literal
        case .directive(let directive):
          let index = directive.index ?? next
          if directive.index == nil { next += 1 }
          guard index >= 1, index < arguments.count else {
            throw Reason(
              "INVALID_PARAMETER_VALUE.FORMAT", "'\(text)' asks for more values than there are")
          }
          made = try directive.text(arguments[index], row, writers[index])
        }
        output.append(made)
      }
      return true
    }
  }

  private enum Piece {
    case literal(String)
    case directive(FormatDirective)
  }

  private static func pieces(of format: String) throws -> [Piece] {
    var pieces: [Piece] = []
    var literal = ""
    var rest = format[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        literal.append(character)
        continue
      }
      guard let directive = FormatDirective(&rest) else {
        throw Reason("INVALID_PARAMETER_VALUE.FORMAT", "'\(format)' is not a format")
      }
      switch directive.conversion {
      case "%": literal += directive.padded("%")
      case "n": literal.append("\n")
      default:
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        literal = ""
        pieces.append(.directive(directive))
      }
    }
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    return pieces
  }
}

/// One `%…` of a format.
private struct FormatDirective {
  var index: Int?
  var flags: Set<Character> = []
  var width = 0
  var precision: Int?
  var conversion: Character

  /// Reads what stands behind the percent sign.
  init?(_ rest: inout Substring) {
    func number() -> Int? {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest.removeFirst(digits.count)
      return digits.isEmpty ? nil : min(Int(digits) ?? 10_000, 10_000)
    }
    let start = rest
    if let position = number(), rest.first == "$" {
      rest.removeFirst()
      index = position
    } else {
      rest = start
    }
    while let flag = rest.first, "-+ 0,(#".contains(flag) {
      flags.insert(flag)
      rest.removeFirst()
    }
    width = number() ?? 0
    if rest.first == "." {
      rest.removeFirst()
      precision = number() ?? 0
    }
    guard let letter = rest.popFirst(), "sSdxXofeEgGcbBhH%n".contains(letter) else { return nil }
    conversion = letter
  }

  func text(_ vector: Vector, _ row: Int, _ writer: ValueWriter) throws -> String {
    let (column, slot) = (vector.column, vector.slot(row))
    if conversion == "b" || conversion == "B" {
      let isTrue = !column.isNull(slot) && (column.type != .boolean || column.booleans[slot])
      return padded(cased("\(isTrue)"))
    }
    if column.isNull(slot) { return padded(cased(cut("null"))) }
    switch conversion {
    case "d": return try integer(column, slot)
    case "x", "X", "o": return try radix(column, slot)
    case "f": return try fixed(column, slot)
    case "e", "E", "g", "G": return try scientific(column, slot)
    case "c":
      guard column.type.isInteger || column.type == .string else { throw misfit(column) }
      if column.type == .string { return padded(String(column.strings.string(slot).prefix(1))) }
      let code = UInt32(truncatingIfNeeded: column.integer(slot))
      return padded(String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")))
    default:
      var text = ByteText()
      writer.write(column, slot, to: &text)
      return padded(cased(cut(text.string)))
    }
  }

  private func misfit(_ column: Column) -> Reason {
    Reason(
      "INVALID_PARAMETER_VALUE.FORMAT", "'%\(conversion)' does not go with \(phrase(column.type))")
  }

  private func cut(_ text: String) -> String { precision.map { String(text.prefix($0)) } ?? text }

  private func cased(_ text: String) -> String { conversion.isUppercase ? text.uppercased() : text }

  func padded(_ text: String) -> String {
    let missing = width - text.unicodeScalars.count
    guard missing > 0 else { return text }
    let blanks = String(repeating: " ", count: missing)
    return flags.contains("-") ? text + blanks : blanks + text
  }

  private func integer(_ column: Column, _ slot: Int) throws -> String {
    guard column.type.isInteger else { throw misfit(column) }
    let value = column.integer(slot)
    return signed(isNegative: value < 0, whole: "\(value.magnitude)", fraction: "")
  }

  private func radix(_ column: Column, _ slot: Int) throws -> String {
    guard column.type.isInteger else { throw misfit(column) }
    let base = conversion == "o" ? 8 : 16
    let value = column.integer(slot)
    let bits =
      column.type == .bigint
      ? UInt64(bitPattern: value) : UInt64(UInt32(truncatingIfNeeded: value))
    let digits = String(bits, radix: base, uppercase: conversion == "X")
    let prefix = flags.contains("#") ? (base == 8 ? "0" : "0x") : ""
    let zeros = flags.contains("0") ? max(0, width - digits.utf8.count - prefix.utf8.count) : 0
    return padded(prefix + String(repeating: "0", count: zeros) + digits)
  }

  private func fixed(_ column: Column, _ slot: Int) throws -> String {
    let places = min(precision ?? 6, 340)
    if case .decimal(_, let scale) = column.type {
      let value = column.decimals[slot]
      let rounded =
        places < scale ? DecimalMath.rounded(value, dividingBy: powersOfTen[scale - places]) : value
      let text = decimalText(Int128(rounded.magnitude), scale: min(places, scale)).split(
        separator: ".")
      let fraction =
        (text.count > 1 ? String(text[1]) : "")
        + String(repeating: "0", count: max(0, places - scale))
      return signed(isNegative: value < 0, whole: String(text[0]), fraction: fraction)
    }
    guard column.type.isFloatingPoint else { throw misfit(column) }
    let value = column.floating(slot)
    guard value.isFinite else { return special(value) }
    // Java rounds the shortest digits, halves up.
    var decimal = ShortestDecimal(value)
    decimal.round(to: places, .halfUp)
    let digits = ExactDecimal(decimal.value, places: places, rule: .halfUp)
    return signed(isNegative: value.sign == .minus, whole: digits.whole, fraction: digits.fraction)
  }

  private func special(_ value: Double) -> String {
    padded(
      value.isNaN ? "NaN" : value < 0 ? "-Infinity" : flags.contains("+") ? "+Infinity" : "Infinity"
    )
  }

  private func scientific(_ column: Column, _ slot: Int) throws -> String {
    guard column.type.isFloatingPoint || column.type.isDecimal else { throw misfit(column) }
    let value =
      column.type.isDecimal
      ? doubleFromDecimal(column.decimals[slot], scale: column.type.decimalForm?.scale ?? 0)
      : column.floating(slot)
    guard value.isFinite else { return special(value) }
    let places = min(precision ?? 6, 340)
    let isGeneral = conversion == "g" || conversion == "G"
    var exponent = value == 0 ? 0 : Self.exponent(of: value.magnitude)
    let digits = isGeneral ? max(1, places) - 1 : places
    if isGeneral, value == 0 || (exponent >= -4 && exponent < max(1, places)) {
      let text = ExactDecimal(value, places: max(0, digits - exponent), rule: .halfUp)
      return signed(isNegative: value.sign == .minus, whole: text.whole, fraction: text.fraction)
    }
    var shortest = ShortestDecimal(value)
    shortest.round(to: digits - exponent, .halfUp)
    let rounded = shortest.value
    if value != 0 { exponent = Self.exponent(of: rounded.magnitude) }
    let exact = ExactDecimal(rounded, places: max(0, digits - exponent), rule: .halfUp)
    let all = (exact.whole + exact.fraction).drop { $0 == "0" }
    let mantissa =
      (value == 0 ? String(repeating: "0", count: digits + 1) : String(all.prefix(digits + 1)))
    let tail = "\(exponent < 0 ? "-" : "+")\(abs(exponent) < 10 ? "0" : "")\(abs(exponent))"
    let filled = mantissa + String(repeating: "0", count: max(0, digits + 1 - mantissa.utf8.count))
    let body = "\(filled.prefix(1))\(digits > 0 ? "." : "")\(filled.dropFirst())e\(tail)"
    let sign = value.sign == .minus ? "-" : flags.contains("+") ? "+" : ""
    return padded(cased(sign + body))
  }

  /// The power of ten of its first digit.
  private static func exponent(of value: Double) -> Int {
    let text = javaText(value)
    if let mark = text.firstIndex(of: "E") { return Int(text[text.index(after: mark)...]) ?? 0 }
    let whole = text.prefix { $0 != "." }
    if whole != "0" { return whole.utf8.count - 1 }
    return -1 - text.dropFirst(2).prefix { $0 == "0" }.count
  }

  private func signed(isNegative: Bool, whole: String, fraction: String) -> String {
    let grouped =
      flags.contains(",")
      ? NumberFormat.grouped(isNegative: false, whole: whole, fraction: fraction)
      : whole + (fraction.isEmpty ? "" : ".\(fraction)")
    var (prefix, suffix) = (isNegative ? "-" : "", "")
    if isNegative, flags.contains("(") { (prefix, suffix) = ("(", ")") }
    if !isNegative, flags.contains("+") { prefix = "+" }
    if !isNegative, flags.contains(" ") { prefix = " " }
    let taken = prefix.utf8.count + grouped.utf8.count + suffix.utf8.count
    let zeros = flags.contains("0") ? String(repeating: "0", count: max(0, width - taken)) : ""
    return padded(prefix + zeros + grouped + suffix)
  }
}
