import Scalars

/// The options of `from_csv` and `schema_of_csv`, with Spark's names and what it takes for them.
struct CSVOptions: Sendable {
  /// What stands between two fields; never empty.
  private(set) var delimiter: [UInt8] = [UInt8(ascii: ",")]
  /// Nil when nothing quotes.
  private(set) var quote: UInt8? = UInt8(ascii: "\"")
  private(set) var escape: UInt8? = UInt8(ascii: "\\")
  /// A record that begins with it has no fields.
  private(set) var comment: UInt8?
  private(set) var nullText: [UInt8] = []
  /// What two quotes with nothing between them stand for.
  private(set) var emptyText: [UInt8] = []
  private(set) var trimsStart = false
  private(set) var trimsEnd = false
  private(set) var timestampPattern: DateTimePattern?
  private(set) var datePattern: DateTimePattern?
  private(set) var isFailFast = false
  /// The column that takes a text that cannot be read.
  private(set) var corruptColumn = "_corrupt_record"

  /// What is wrong with an option.
  struct Problem: Error {
    let message: String
  }

  /// - Parameter entries: keys, whose case does not matter, and values.
  init(_ entries: [(key: String, value: String)]) throws(Problem) {
    for (key, value) in entries {
      let isTrue = value.lowercased() == "true"
      switch key.lowercased() {
      case "sep", "delimiter": delimiter = try CSVOptions.delimiter(value)
      case "quote": quote = try CSVOptions.byte(key, value)
      case "escape": escape = try CSVOptions.byte(key, value)
      case "comment": comment = try CSVOptions.byte(key, value)
      case "nullvalue": nullText = Array(value.utf8)
      case "emptyvalue": emptyText = Array(value.utf8)
      case "ignoreleadingwhitespace": trimsStart = isTrue
      case "ignoretrailingwhitespace": trimsEnd = isTrue
      case "timestampformat": timestampPattern = try CSVOptions.pattern(value)
      case "dateformat": datePattern = try CSVOptions.pattern(value)
      case "mode": isFailFast = try CSVOptions.isFailFast(value)
      case "columnnameofcorruptrecord": corruptColumn = value
      default: break
      }
    }
  }

  private static func delimiter(_ text: String) throws(Problem) -> [UInt8] {
    // As in Spark, whose options often come from places without escapes of their own.
    let bytes = Array(text.replacing("\\t", with: "\t").replacing("\\\\", with: "\\").utf8)
    guard !bytes.isEmpty else { throw Problem(message: "the delimiter is empty") }
    return bytes
  }

  private static func byte(_ key: String, _ text: String) throws(Problem) -> UInt8? {
    guard text.utf8.count <= 1 else {
      throw Problem(message: "\(key) is one character of ASCII, not '\(text)'")
    }
    return text.utf8.first
  }

  private static func pattern(_ text: String) throws(Problem) -> DateTimePattern {
    do {
      return try DateTimePattern(text)
    } catch {
      throw Problem(message: error.message)
    }
  }

  private static func isFailFast(_ mode: String) throws(Problem) -> Bool {
    guard mode.lowercased() != "dropmalformed" else {
      throw Problem(message: "a mode is PERMISSIVE or FAILFAST; rows are dropped by --where")
    }
    return mode.lowercased() == "failfast"
  }
}
