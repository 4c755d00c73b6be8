/// Why a datetime pattern cannot be used. Offsets count characters of the pattern.
package enum PatternError: Error, Equatable {
  case unknownLetter(Character, offset: Int)
  /// Week-based years and weeks (Y, W, w, u, e, c), which Spark refuses too.
  case weekBased(Character, offset: Int)
  /// A letter that stands more often in a row than it has a meaning for.
  case wrongCount(Character, count: Int, offset: Int)
  case reserved(Character, offset: Int)
  case unterminatedQuote(offset: Int)
  case unbalancedBracket(offset: Int)
  /// A letter that can be written but not read.
  case formatOnly(Character, offset: Int)
}

extension PatternError {
  /// What is wrong, to be put behind "pattern 'TEXT': ".
  package var message: String {
    switch self {
    case .unknownLetter(let letter, _): "no pattern letter '\(letter)'"
    case .weekBased(let letter, _): "'\(letter)' is week-based, which is not supported"
    case .wrongCount(let letter, let count, _):
      "'\(String(repeating: letter, count: min(count, 20)))' has no meaning"
    case .reserved(let character, _): "'\(character)' is reserved; quote it"
    case .unterminatedQuote: "a quote is not closed"
    case .unbalancedBracket: "a bracket has no partner"
    case .formatOnly(let letter, _): "'\(letter)' can be written but not read"
    }
  }

  /// Spark's name for it.
  package var errorClass: String {
    let recognition = "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"
    return switch self {
    case .unknownLetter(let letter, _) where "ABnNp".contains(letter):
      "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER"
    case .weekBased("e", _), .weekBased("c", _):
      "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN"
    case .weekBased, .wrongCount, .formatOnly: recognition
    default: "INVALID_DATETIME_PATTERN.WITH_SUGGESTION"
    }
  }

  package var offset: Int {
    switch self {
    case .unknownLetter(_, let offset), .weekBased(_, let offset),
      .wrongCount(_, _, let offset), .reserved(_, let offset), .unterminatedQuote(let offset),
      .unbalancedBracket(let offset), .formatOnly(_, let offset):
      offset
    }
  }
}
