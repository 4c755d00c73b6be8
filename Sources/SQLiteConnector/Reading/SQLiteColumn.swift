internal import CSQLite
internal import Columnar
internal import Diagnostics
internal import Formats
internal import Scalars

/// Collects the values of one column of a query.
final class SQLiteColumn {
  private let field: Field
  private let index: Int32
  private let builder: ColumnBuilder
  private var timestamps = TimestampParser()

  /// - Parameter index: of the query's column, from 0.
  init(_ field: Field, at index: Int32) {
    self.field = field
    self.index = index
    builder = ColumnBuilder(field.type)
  }

  /// Refuses types that no value of a database can have.
  static func check(_ field: Field) throws(StreamError) {
    switch field.type {
    case .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .decimal, .string, .binary,
      .timestamp, .date:
      return
    default:
      throw StreamError(
        .usage, "'\(field.name)': a database has no values of type \(field.type)")
    }
  }

  func takeColumn() -> Column { builder.take() }

  /// Appends the value of the statement's present row.
  ///
  /// - Throws: a data error when it is not of the column's type.
  func take(from statement: borrowing Statement) throws(StreamError) {
    let handle = unsafe statement.handle
    switch unsafe sqlite3_column_type(handle, index) {
    case SQLITE_NULL: builder.appendNull()
    case SQLITE_INTEGER: try take(unsafe sqlite3_column_int64(handle, index))
    case SQLITE_FLOAT: try take(unsafe sqlite3_column_double(handle, index))
    case SQLITE_BLOB:
      guard field.type == .binary else { throw mismatch("a blob") }
      unsafe builder.append(bytes(sqlite3_column_blob(handle, index), handle).span)
    default:
      let text = unsafe bytes(UnsafeRawPointer(sqlite3_column_text(handle, index)), handle)
      try take(text)
    }
  }

  @unsafe private func bytes(_ start: UnsafeRawPointer?, _ handle: OpaquePointer) -> [UInt8] {
    let count = unsafe Int(sqlite3_column_bytes(handle, index))
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  private func take(_ integer: Int64) throws(StreamError) {
    switch field.type {
    case .bigint: builder.append(integer)
    case .tinyint, .smallint, .int:
      guard field.type.range.contains(integer) else { throw mismatch("\(integer)") }
      builder.append(integer)
    case .float, .double: builder.append(Double(integer))
    case .boolean:
      guard integer == 0 || integer == 1 else { throw mismatch("\(integer)") }
      builder.append(integer == 1)
    case .decimal, .string: try take(Array("\(integer)".utf8))
    default: throw mismatch("the number \(integer)")
    }
  }

  private func take(_ double: Double) throws(StreamError) {
    switch field.type {
    case .float, .double: builder.append(double)
    case .decimal: try take(Array("\(double)".utf8))
    default: throw mismatch("the number \(double)")
    }
  }

  private func take(_ text: [UInt8]) throws(StreamError) {
    do {
      try parse(text.span)
    } catch {
      if error is WrongText {
        throw StreamError(.data, "'\(field.name)' holds a text that is not UTF-8")
      }
      throw StreamError(
        .data, describe(error, column: field.name, type: field.type, text: text).message,
        hint: "--table-schema '\(field.name) string'")
    }
  }

  private struct WrongText: Error {}

  private func parse(_ text: Span<UInt8>) throws {
    switch field.type {
    case .string:
      guard firstInvalidUTF8(text) == nil else { throw WrongText() }
      builder.append(text)
    case .binary: builder.append(text)
    case .bigint: builder.append(try parseInt64(text))
    case .tinyint, .smallint, .int:
      let integer = try parseInt64(text)
      guard field.type.range.contains(integer) else { throw IntegerError.overflow }
      builder.append(integer)
    case .float, .double: builder.append(try parseDouble(text))
    case .boolean:
      let bit = try unsafe text.withUnsafeBufferPointer { bytes throws(BooleanError) in
        guard let start = bytes.baseAddress else { throw .incomplete }
        return try unsafe parseBoolean(start, count: bytes.count)
      }
      builder.append(bit)
    case .decimal(let precision, let scale):
      builder.append(try parseDecimal(text, precision: precision, scale: scale))
    case .date: builder.append(Int64(try parseDate(text)))
    default: builder.append(try timestamps.parse(text))
    }
  }

  private func mismatch(_ found: String) -> StreamError {
    StreamError(
      .data, "'\(field.name)' is \(field.type.phrase), but here it is \(found)",
      hint: "--table-schema '\(field.name) string', or CAST it in --table-query")
  }
}

extension DataType {
  /// Of the small integers.
  fileprivate var range: ClosedRange<Int64> {
    switch self {
    case .tinyint: -128...127
    case .smallint: -32_768...32_767
    default: Int64(Int32.min)...Int64(Int32.max)
    }
  }
}
