internal import CSQLite
internal import Columnar
internal import Diagnostics
internal import Formats
internal import Scalars

/// The values of a result column, collected row by row.
@safe final class ResultColumn {
  let field: Field
  private let isStored: Bool
  private let form: Form
  private let builder: ColumnBuilder
  private let nested: NestedValues?
  private var timestamps = TimestampParser()

  private enum Form {
    case void
    case boolean
    case integer(ClosedRange<Int64>)
    case float
    case double
    case decimal(precision: Int, scale: Int)
    case string
    case binary
    case timestamp
    case date
    case nested
  }

  /// - Parameter isStored: the values stand in a database that others have made, in which a text may
  ///   be a number.
  /// - Throws: a usage error for a type that does not come back from JSON.
  init(_ field: Field, isStored: Bool = false) throws(StreamError) {
    self.field = field
    self.isStored = isStored
    builder = ColumnBuilder(field.type)
    form =
      switch field.type {
      case .void: .void
      case .boolean: .boolean
      case .tinyint: .integer(Int64(Int8.min)...Int64(Int8.max))
      case .smallint: .integer(Int64(Int16.min)...Int64(Int16.max))
      case .int, .yearMonthInterval: .integer(Int64(Int32.min)...Int64(Int32.max))
      case .bigint, .dayTimeInterval: .integer(.min ... .max)
      case .float: .float
      case .double: .double
      case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
      case .string: .string
      case .binary: .binary
      case .timestamp: .timestamp
      case .date: .date
      case .array, .map, .structure: .nested
      }
    nested = field.type.isNested ? try NestedValues(field) : nil
  }

  /// The values so far, leaving nothing behind.
  func take() throws(StreamError) -> Column {
    if let nested { return try nested.take() }
    return builder.take()
  }

  /// Takes the value of the row that a statement stands on.
  ///
  /// - Returns: about how many bytes it takes.
  /// - Throws: a data error when it is not of the type, with its name and the value.
  func append(_ row: borrowing Statement, _ index: Int32) throws(StreamError) -> Int {
    let value = unsafe ResultValue(statement: row.handle, index: index)
    if value.kind == SQLITE_NULL {
      if let nested { nested.appendNull() } else { builder.appendNull() }
      return 1
    }
    if value.kind == SQLITE_TEXT || value.kind == SQLITE_BLOB || field.type == .string {
      guard value.hasBytes else {
        try row.check(SQLITE_NOMEM)
        return 0
      }
    }
    if isStored, value.kind == SQLITE_TEXT, try appendText(value) { return 8 }
    switch form {
    case .void: throw mismatch(value)
    case .boolean:
      guard let integer = value.integer, 0...1 ~= integer else { throw mismatch(value) }
      builder.append(integer == 1)
    case .integer(let range):
      guard let integer = value.integer else { throw mismatch(value) }
      guard range.contains(integer) else { throw mismatch(value) }
      builder.append(integer)
    case .double:
      guard let double = value.double else { throw mismatch(value) }
      builder.append(double)
    case .float:
      guard let double = value.double, Float(double).isFinite || !double.isFinite else {
        throw mismatch(value)
      }
      builder.append(double)
    case .decimal(let precision, let scale): builder.append(try decimal(value, precision, scale))
    case .string, .binary, .timestamp, .date, .nested: return try appendBytes(value)
    }
    return 8
  }

  /// A text that is to be a number.
  ///
  /// - Returns: false for types that texts are the form of.
  private func appendText(_ value: ResultValue) throws(StreamError) -> Bool {
    let bytes = value.bytes
    do {
      switch form {
      case .boolean: builder.append(try boolean(bytes))
      case .integer(let range):
        let integer = try parseInt64(bytes)
        guard range.contains(integer) else { throw IntegerError.overflow }
        builder.append(integer)
      case .float, .double: builder.append(try parseDouble(bytes))
      case .decimal(let precision, let scale):
        builder.append(try parseDecimal(bytes, precision: precision, scale: scale))
      default: return false
      }
    } catch {
      throw fault(error, value)
    }
    return true
  }

  private func boolean(_ bytes: Span<UInt8>) throws(BooleanError) -> Bool {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(BooleanError) in
      guard let start = bytes.baseAddress else { throw .incomplete }
      return try unsafe parseBoolean(start, count: bytes.count)
    }
  }

  private func appendBytes(_ value: ResultValue) throws(StreamError) -> Int {
    let isBinary = if case .binary = form { true } else { false }
    let isString = if case .string = form { true } else { false }
    switch value.kind {
    case SQLITE_BLOB where isBinary, SQLITE_TEXT where !isBinary || isStored: break
    // Numbers have texts.
    case SQLITE_INTEGER where isString, SQLITE_FLOAT where isString: break
    default: throw mismatch(value)
    }
    let bytes = value.bytes
    switch form {
    case .binary: builder.append(bytes)
    case .timestamp:
      do throws(TimeError) { builder.append(try timestamps.parse(bytes)) } catch {
        throw fault(error, value)
      }
    case .date:
      do throws(TimeError) { builder.append(Int64(try parseDate(bytes))) } catch {
        throw fault(error, value)
      }
    default:
      guard firstInvalidUTF8(bytes) == nil else {
        throw StreamError(.data, "'\(field.name)' is not valid UTF-8: \(value.description)")
      }
      if let nested { try nested.append(bytes) } else { builder.append(bytes) }
    }
    return bytes.count + 8
  }

  private func decimal(
    _ value: ResultValue, _ precision: Int, _ scale: Int
  ) throws(StreamError) -> Int128 {
    do throws(DecimalError) {
      switch value.kind {
      case SQLITE_INTEGER:
        return try rescaleDecimal(
          Int128(value.integer ?? 0), from: 0, to: scale, precision: precision)
      case SQLITE_FLOAT where isStored:
        let text = Array("\(value.double ?? 0)".utf8)
        return try parseDecimal(text.span, precision: precision, scale: scale)
      case SQLITE_FLOAT:
        return try decimalFromDouble(value.double ?? 0, precision: precision, scale: scale)
      case SQLITE_TEXT:
        return try parseSQLDecimal(value.bytes, precision: precision, scale: scale)
      default: break
      }
    } catch {
      throw value.kind == SQLITE_TEXT ? fault(error, value) : mismatch(value)
    }
    throw mismatch(value)
  }

  private func mismatch(_ value: ResultValue) -> StreamError {
    StreamError(
      .data,
      "'\(field.name)' is \(field.type.phrase), but "
        + (isStored ? "here it is " : "the statement gives ") + value.description)
  }

  private func fault(_ error: any Error, _ value: ResultValue) -> StreamError {
    StreamError(.data, valueFault(error, of: field.name, field.type, text: value.copy))
  }
}

/// A value in a row of a result; valid until the next row.
@safe private struct ResultValue: ~Escapable {
  // SAFETY: the row that the statement stands on has a column `index`.
  private let statement: OpaquePointer
  private let index: Int32
  /// `SQLITE_INTEGER` and so on.
  let kind: Int32

  @_lifetime(immortal)
  @unsafe init(statement: OpaquePointer, index: Int32) {
    unsafe self.statement = statement
    self.index = index
    kind = unsafe sqlite3_column_type(statement, index)
  }

  /// nil for what is no whole number of 64 bits.
  var integer: Int64? {
    switch kind {
    case SQLITE_INTEGER: unsafe sqlite3_column_int64(statement, index)
    case SQLITE_FLOAT: Int64(exactly: unsafe sqlite3_column_double(statement, index))
    default: nil
    }
  }

  /// nil for what is no number.
  var double: Double? {
    kind == SQLITE_INTEGER || kind == SQLITE_FLOAT
      ? unsafe sqlite3_column_double(statement, index) : nil
  }

  /// The text or the blob; a number as a text.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let start =
        kind == SQLITE_BLOB
        ? unsafe sqlite3_column_blob(statement, index)
        : unsafe UnsafeRawPointer(sqlite3_column_text(statement, index))
      let count = unsafe start == nil ? 0 : Int(sqlite3_column_bytes(statement, index))
      let buffer = unsafe UnsafeBufferPointer<UInt8>(
        start: start?.assumingMemoryBound(to: UInt8.self), count: count)
      return unsafe _overrideLifetime(buffer.span, borrowing: self)
    }
  }

  /// Whether there was memory to look at the text or the blob.
  var hasBytes: Bool {
    if kind == SQLITE_BLOB {
      return unsafe sqlite3_column_blob(statement, index) != nil
        || sqlite3_column_bytes(statement, index) == 0
    }
    return unsafe sqlite3_column_text(statement, index) != nil
  }

  var copy: [UInt8] {
    let bytes = bytes
    return unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }

  /// For messages.
  var description: String {
    switch kind {
    case SQLITE_NULL: "NULL"
    case SQLITE_INTEGER: "\(unsafe sqlite3_column_int64(statement, index))"
    case SQLITE_FLOAT: "\(unsafe sqlite3_column_double(statement, index))"
    case SQLITE_BLOB: "a blob of \(bytes.count) bytes"
    default: "the text \(quoted(copy))"
    }
  }
}
