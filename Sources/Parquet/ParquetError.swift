/// Why bytes are not a Parquet file that can be read, or rows none that can be written.
///
/// The words are those of `StreamError.message`: who catches it adds the place.
package enum ParquetError: Error, Hashable, Sendable {
  /// The bytes end where more must follow.
  case truncated(String)
  /// The bytes contradict the format.
  case malformed(String)
  /// A column's values contradict its type, or do not fit what it is read as.
  case column(String, String)
  /// A column of a type that is not read, or not written.
  case unsupported(column: String, String)
  /// The file is as it should be, but not read.
  case unread(String)
  /// No Parquet file at all; its first bytes.
  case foreign([UInt8])
  /// The system refused to read.
  case system(errno: Int32, String)

  package var message: String {
    switch self {
    case .truncated(let what): "the Parquet file is cut off: \(what)"
    case .malformed(let what): "damaged Parquet data: \(what)"
    case .column(let name, let what): "column '\(name)': \(what)"
    case .unsupported(let name, let what): "column '\(name)' \(what)"
    case .unread(let what): "the Parquet file \(what), which is not read"
    case .foreign: "this is not a Parquet file"
    case .system(_, let what): what
    }
  }
}
