internal import CSQLite
internal import Columnar
internal import Formats
internal import Scalars

/// Casts to types that SQLite does not know: timestamps, dates, booleans and decimals.
///
/// A value that cannot be cast ends the statement, as in Spark, where SQLite would take what digits
/// it finds.
@safe final class CastFunction {
  private let casts: [(type: DataType, text: String)]
  /// What a statement has failed on.
  private(set) var failure: CastFailure?

  init(_ casts: [(type: DataType, text: String)]) { self.casts = casts }

  /// Gives the function to a database. The caller keeps this alive as long.
  func add(to database: Database) throws {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let code = unsafe sqlite3_create_function_v2(
      database.handle, StatementText.castFunction, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, context,
      { call, _, arguments in
        guard let call = unsafe call, let arguments = unsafe arguments,
          let value = unsafe arguments[0], let number = unsafe arguments[1],
          let context = unsafe sqlite3_user_data(call)
        else { return }
        let function = unsafe Unmanaged<CastFunction>.fromOpaque(context).takeUnretainedValue()
        unsafe function.run(call, value, Int(sqlite3_value_int64(number)))
      }, nil, nil, nil)
    guard code == SQLITE_OK else { throw database.failure(code) }
  }

  @unsafe private func run(_ call: OpaquePointer, _ value: OpaquePointer, _ number: Int) {
    guard casts.indices.contains(number) else { return unsafe sqlite3_result_null(call) }
    let (type, text) = casts[number]
    guard let operand = unsafe Operand(value) else {
      return unsafe sqlite3_result_error_nomem(call)
    }
    if operand == .null { return unsafe sqlite3_result_null(call) }
    var result = ByteText(capacity: 64)
    do {
      try operand.append(as: type, to: &result)
    } catch {
      failure = CastFailure(cast: text, type: type, operand: operand, error: error)
      return unsafe sqlite3_result_error(call, "a cast failed", -1)
    }
    if type == .boolean {
      return unsafe sqlite3_result_int(call, result.span[0] == UInt8(ascii: "1") ? 1 : 0)
    }
    let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let bytes = result.bytes
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe sqlite3_result_text(
        call, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), copies)
    }
  }
}

/// A value that could not be cast.
struct CastFailure {
  /// As it was written.
  let cast: String
  fileprivate let type: DataType
  fileprivate let operand: Operand
  fileprivate let error: any Error

  /// - Parameter subject: what is to be of the type: a column.
  func message(of subject: String) -> String {
    switch operand {
    case .text(let bytes): valueFault(error, of: subject, type, text: bytes)
    case .null: "'\(subject)' is not \(type.phrase): NULL"
    case .integer(let value): "\(misfit(subject)): \(value)"
    case .real(let value): "\(misfit(subject)): \(value)"
    case .blob(let count): "'\(subject)' is not \(type.phrase): a blob of \(count) bytes"
    }
  }

  /// Of a number.
  private func misfit(_ subject: String) -> String {
    "'\(subject)' \(type.isDecimal ? "does not fit" : "is not") \(type.phrase)"
  }
}

/// What a person reads when a text is not of the type that it should be; with the text in it.
func valueFault(
  _ error: any Error, of subject: String, _ type: DataType, text: [UInt8]
) -> String {
  let message = describe(error, column: subject, type: type, text: text).message
  return message.contains(quoted(text)) ? message : "\(message): \(quoted(text))"
}

/// A value that is to be cast.
private enum Operand: Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text([UInt8])
  case blob(count: Int)

  struct Mismatch: Error {}

  /// - Returns: nil when there is no memory to look at a text.
  @unsafe init?(_ value: OpaquePointer) {
    switch unsafe sqlite3_value_type(value) {
    case SQLITE_INTEGER: self = .integer(unsafe sqlite3_value_int64(value))
    case SQLITE_FLOAT: self = .real(unsafe sqlite3_value_double(value))
    case SQLITE_TEXT:
      guard let start = unsafe sqlite3_value_text(value) else { return nil }
      let count = unsafe Int(sqlite3_value_bytes(value))
      self = .text(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
    case SQLITE_BLOB: self = .blob(count: unsafe Int(sqlite3_value_bytes(value)))
    default: self = .null
    }
  }

  /// - Throws: what the parsers of texts throw, or `Mismatch`.
  func append(as type: DataType, to text: inout ByteText) throws {
    switch (type, self) {
    case (.timestamp, .text(let bytes)):
      var parser = TimestampParser()
      text.appendSparkTimestamp(try parser.parse(bytes.span))
    case (.date, .text(let bytes)): text.appendDate(try parseDate(bytes.span))
    case (.boolean, .integer(let value)): text.append(value != 0 ? "1" : "0")
    case (.boolean, .real(let value)): text.append(value != 0 ? "1" : "0")
    case (.boolean, .text(let bytes)): text.append(try boolean(bytes) ? "1" : "0")
    case (.decimal(let precision, let scale), _):
      text.appendDecimal(try decimal(precision, scale), scale: scale)
    default: throw Mismatch()
    }
  }

  private func boolean(_ bytes: [UInt8]) throws -> Bool {
    try unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { throw BooleanError.incomplete }
      return try unsafe parseBoolean(start, count: bytes.count)
    }
  }

  private func decimal(_ precision: Int, _ scale: Int) throws -> Int128 {
    switch self {
    case .integer(let value):
      try rescaleDecimal(Int128(value), from: 0, to: scale, precision: precision)
    case .real(let value): try decimalFromDouble(value, precision: precision, scale: scale)
    case .text(let bytes):
      try parseSQLDecimal(bytes.span, precision: precision, scale: scale)
    case .null, .blob: throw Mismatch()
    }
  }
}
