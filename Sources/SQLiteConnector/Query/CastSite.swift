internal import Columnar
internal import Diagnostics

/// A `CAST(… AS type)` within a statement.
struct CastSite {
  /// What becomes of the type.
  enum Meaning: Equatable {
    /// SQLite's own cast gives values of the type.
    case native(DataType)
    /// SQLite's own cast under another name, which it knows.
    case renamed(DataType, String)
    /// SQLite has no such type, and would make a number of anything: the cast is ours.
    case ours(DataType)
    /// A type that nobody knows.
    case unknown(String)

    var type: DataType? {
      switch self {
      case .native(let type), .renamed(let type, _), .ours(let type): type
      case .unknown: nil
      }
    }
  }

  /// The places of its tokens.
  let open: Int
  let separator: Int
  let close: Int
  let meaning: Meaning

  /// - Returns: nil when no cast begins at the token.
  init?(_ text: SQLText, at index: Int) throws(StreamError) {
    guard text.word(index) == "CAST", text.isSymbol(index + 1, "("),
      let close = text.closing(index + 1)
    else { return nil }
    var separator: Int?
    var depth = 0
    for place in index + 1..<close {
      depth += text.depthChange(place)
      if depth == 1, text.word(place) == "AS" { separator = place }
    }
    guard let separator, separator + 1 < close else { return nil }
    open = index
    self.separator = separator
    self.close = close
    meaning = try CastSite.meaning(of: TypeName(text, separator + 1..<close))
  }

  private static func meaning(of name: TypeName) throws(StreamError) -> Meaning {
    switch name.words {
    case "INTEGER", "BIGINT", "INT8": return .native(.bigint)
    case "INT", "INT4": return .native(.int)
    case "SMALLINT", "INT2": return .native(.smallint)
    case "TINYINT": return .native(.tinyint)
    case "REAL", "DOUBLE", "DOUBLE PRECISION": return .native(.double)
    case "FLOAT": return .native(.float)
    case "BLOB": return .native(.binary)
    case "BINARY", "VARBINARY": return .renamed(.binary, "BLOB")
    case "STRING": return .renamed(.string, "TEXT")
    case "TIMESTAMP", "DATETIME": return .ours(.timestamp)
    case "DATE": return .ours(.date)
    case "BOOLEAN", "BOOL": return .ours(.boolean)
    case "DECIMAL", "DEC", "NUMERIC": return try decimal(name)
    case let words:
      let isText = ["CHAR", "CLOB", "TEXT"].contains { words.contains($0) }
      return isText && !words.contains("INT") ? .native(.string) : .unknown(name.text)
    }
  }

  private static func decimal(_ name: TypeName) throws(StreamError) -> Meaning {
    if name.arguments.isEmpty, name.words == "NUMERIC" { return .unknown(name.text) }
    let precision = name.arguments.first ?? 10
    let scale = name.arguments.count > 1 ? name.arguments[1] : 0
    guard name.arguments.count <= 2, 1...DataType.maxDecimalPrecision ~= precision,
      0...precision ~= scale
    else {
      throw StreamError(
        .usage, "no type '\(name.text)': a decimal has 1 to \(DataType.maxDecimalPrecision) digits",
        hint: "CAST(… AS DECIMAL(18, 2))")
    }
    return .ours(.decimal(precision: precision, scale: scale))
  }
}

/// The name of a type, such as `double precision` or `DECIMAL(10, 2)`.
private struct TypeName {
  let text: String
  /// In capitals.
  var words = ""
  var arguments: [Int] = []

  init(_ text: SQLText, _ range: Range<Int>) {
    self.text = text.source(range)
    var names: [String] = []
    for index in range {
      if let word = text.word(index) {
        names.append(word)
      } else if text.tokens[index].kind == .literal {
        // What is no number is none that fits.
        arguments.append(Int(text.source(index..<index + 1)) ?? -1)
      } else if text.tokens[index].kind != .symbol(UInt8(ascii: "(")),
        text.tokens[index].kind != .symbol(UInt8(ascii: ")")),
        text.tokens[index].kind != .symbol(UInt8(ascii: ","))
      {
        names.append(text.unquoted(index).uppercased())
      }
    }
    words = names.joined(separator: " ")
  }
}
