import Scalars

/// The options of functions that read or write JSON and CSV: `map('timestampFormat', …)`.
struct JSONOptions: Sendable {
  var timestampPattern: DateTimePattern?
  var datePattern: DateTimePattern?
  var leniency = JSONLeniency(allowsNonFinite: true)
  var omitsNulls = true
  var isFailFast = false
  /// CSV: what stands between two fields.
  var delimiter = UInt8(ascii: ",")

  /// The column that takes a text that cannot be read.
  static let corruptColumn = "_corrupt_record"

  /// - Parameter entries: keys and values in turn.
  init(_ entries: [(key: String, value: String)]) throws(PatternError) {
    for (key, value) in entries {
      let isTrue = value.lowercased() == "true"
      switch key.lowercased() {
      case "timestampformat": timestampPattern = try DateTimePattern(value)
      case "dateformat": datePattern = try DateTimePattern(value)
      case "ignorenullfields": omitsNulls = isTrue
      case "mode": isFailFast = value.lowercased() == "failfast"
      case "allowsinglequotes": leniency.allowsSingleQuotes = isTrue
      case "allowunquotedfieldnames": leniency.allowsPlainNames = isTrue
      case "allownonnumericnumbers": leniency.allowsNonFinite = isTrue
      case "sep", "delimiter": delimiter = value.utf8.first ?? delimiter
      default: break
      }
    }
  }
}
