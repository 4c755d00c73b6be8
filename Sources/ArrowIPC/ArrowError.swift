/// Why bytes are not an Arrow stream or file that can be read.
///
/// The words are those of `StreamError.message`: who catches it adds the place.
package enum ArrowError: Error, Hashable, Sendable {
  /// The bytes end where more must follow: inside a message, or before the end-of-stream mark.
  case truncated(String)
  /// The bytes contradict the format.
  case malformed(String)
  /// A column's values contradict its type, or do not fit what it is read as.
  case column(String, String)
  /// A column of a type that is not read.
  case unsupported(column: String, type: String)
  /// No Arrow stream at all; its first bytes.
  case foreign([UInt8])
  /// The system refused to read or write.
  case system(errno: Int32, String)

  package var message: String {
    switch self {
    case .truncated(let what): "the Arrow stream ends in the middle: \(what)"
    case .malformed(let what): "damaged Arrow data: \(what)"
    case .column(let name, let what): "column '\(name)': \(what)"
    case .unsupported(let name, let type):
      "column '\(name)' has the Arrow type \(type), which is not read"
    case .foreign: "this is not an Arrow stream"
    case .system(_, let what): what
    }
  }
}

/// A pair of the metadata that a schema or a batch carries.
package struct KeyValue: Hashable, Sendable {
  package var key: String
  package var value: String

  package init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}
