/// A piece of an expression's text.
struct Token: Equatable {
  enum Kind: Equatable {
    /// A name or a keyword: which of them, the place decides.
    case word
    /// A name in backquotes.
    case quotedName(String)
    case number(NumberForm)
    case string(String)
    case symbol(Symbol)
    case end
  }

  let kind: Kind
  /// UTF-8 offsets.
  let range: Range<Int>
}

/// The parts of a numeric literal; the parser makes the value, because a minus may belong to it.
struct NumberForm: Equatable {
  enum Suffix: String, Equatable {
    case tinyint = "Y"
    case smallint = "S"
    case bigint = "L"
    case float = "F"
    case double = "D"
    case decimal = "BD"
  }

  /// Digits, perhaps with a point and an exponent.
  let digits: String
  let hasPoint: Bool
  let hasExponent: Bool
  let suffix: Suffix?
}

enum Symbol: String, CaseIterable {
  case unsignedShift = ">>>"
  case nullSafeEqual = "<=>"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case lessGreater = "<>"
  case bangEqual = "!="
  case bangGreater = "!>"
  case bangLess = "!<"
  case doubleEqual = "=="
  case doublePipe = "||"
  case doubleColon = "::"
  case arrow = "->"
  case fatArrow = "=>"
  case equal = "="
  case less = "<"
  case greater = ">"
  case plus = "+"
  case minus = "-"
  case star = "*"
  case slash = "/"
  case percent = "%"
  case ampersand = "&"
  case pipe = "|"
  case caret = "^"
  case tilde = "~"
  case bang = "!"
  case comma = ","
  case dot = "."
  case colon = ":"
  case semicolon = ";"
  case question = "?"
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
  case at = "@"
  case dollar = "$"
}
