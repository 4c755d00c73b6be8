package import Diagnostics

/// How characters are encoded in an input, as `--encoding` says it.
package enum TextEncoding: String, Sendable, CaseIterable {
  case utf8 = "utf-8"
  /// ISO 8859-1.
  case latin1
  /// Latin 1 with characters where that has the second block of control codes; bytes without a
  /// character stay control codes (WHATWG Encoding Standard).
  case windows1252 = "windows-1252"
  /// By the byte order mark; big-endian where there is none (RFC 2781).
  case utf16 = "utf-16"
  case utf16LittleEndian = "utf-16le"
  case utf16BigEndian = "utf-16be"

  /// - Parameter name: in any case, with or without hyphens; the usual other names too.
  package static func parse(_ name: String) throws(StreamError) -> TextEncoding {
    let plain = name.lowercased().filter { $0 != "-" && $0 != "_" }
    for encoding in allCases where encoding.rawValue.filter({ $0 != "-" }) == plain {
      return encoding
    }
    switch plain {
    case "iso88591", "8859": return .latin1
    case "cp1252": return .windows1252
    case "ascii", "usascii": return .utf8
    default: break
    }
    let names = allCases.map(\.rawValue)
    let suggestion = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    throw StreamError(
      .usage, "no encoding '\(name)'\(suggestion); encodings: \(names.joined(separator: ", "))",
      hint: "for others put 'iconv -f \(name) -t utf-8' in front")
  }

  /// What turns it into UTF-8, without a byte order mark; nil when it is UTF-8 already.
  ///
  /// - Parameter name: the input's, for messages.
  package func makeDecoder(name: String) -> (any ByteDecoder)? {
    switch self {
    case .utf8: nil
    case .latin1: SingleByteDecoder(hasWindowsCharacters: false)
    case .windows1252: SingleByteDecoder(hasWindowsCharacters: true)
    case .utf16: UTF16Decoder(name: name, byteOrder: nil)
    case .utf16LittleEndian: UTF16Decoder(name: name, byteOrder: .little)
    case .utf16BigEndian: UTF16Decoder(name: name, byteOrder: .big)
    }
  }
}
