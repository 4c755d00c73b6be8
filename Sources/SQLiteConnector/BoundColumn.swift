internal import CSQLite
internal import Columnar
internal import Diagnostics
internal import Formats
internal import Scalars

/// A column of a batch whose values are handed to a statement one by one, without a copy.
///
/// Integers and booleans become INTEGER, floats and doubles REAL, binary BLOB, all else TEXT. SQLite
/// has no NaN: it becomes NULL, but in a key, where the text `NaN` keeps it apart from a null.
@safe struct BoundColumn {
  /// What the values are for.
  enum Purpose {
    /// A table that other programs read: times are RFC 3339 in UTC.
    case table
    /// The key of such a table.
    case key
    /// SQLite's own functions: times as its date functions have them, intervals as numbers.
    case functions
  }

  private let values: Values
  private let column: Column
  private let purpose: Purpose

  private enum Values {
    case none
    case boolean(Bitmap)
    case int8(Buffer<Int8>)
    case int16(Buffer<Int16>)
    case int32(Buffer<Int32>)
    case int64(Buffer<Int64>)
    case float(Buffer<Float>)
    case double(Buffer<Double>)
    case text(ByteStrings)
    case blob(ByteStrings)
  }

  init(_ column: Column, for purpose: Purpose) {
    self.column = column
    self.purpose = purpose
    let isForFunctions = purpose == .functions
    values =
      switch column.storage {
      case .void: .none
      case .boolean(let bits): .boolean(bits)
      case .int8(let values): .int8(values)
      case .int16(let values): .int16(values)
      case .int32(let values) where column.type == .int: .int32(values)
      case .int32(let values) where column.type == .yearMonthInterval && isForFunctions:
        .int32(values)
      case .int64(let values) where column.type == .bigint: .int64(values)
      case .int64(let values) where column.type == .timestamp:
        .text(isForFunctions ? functionTimestampTexts(values) : timestampTexts(values))
      case .int64(let values) where column.type == .dayTimeInterval && isForFunctions:
        .int64(values)
      case .float(let values): .float(values)
      case .double(let values): .double(values)
      case .bytes(let strings): column.type == .binary ? .blob(strings) : .text(strings)
      case .int32, .int64, .decimal, .list, .structure: .text(columnText(column))
      }
  }

  func isNull(_ row: Int) -> Bool { column.isNull(row) }

  /// - Parameter position: from 1.
  @inline(__always)
  func bind(_ row: Int, to statement: borrowing Statement, at position: Int32) throws(StreamError) {
    let handle = unsafe statement.handle
    let code: Int32
    if column.isNull(row) {
      code = unsafe sqlite3_bind_null(handle, position)
    } else {
      switch values {
      case .none: code = unsafe sqlite3_bind_null(handle, position)
      case .boolean(let bits): code = unsafe sqlite3_bind_int(handle, position, bits[row] ? 1 : 0)
      case .int8(let values): code = unsafe sqlite3_bind_int(handle, position, Int32(values[row]))
      case .int16(let values): code = unsafe sqlite3_bind_int(handle, position, Int32(values[row]))
      case .int32(let values): code = unsafe sqlite3_bind_int(handle, position, values[row])
      case .int64(let values): code = unsafe sqlite3_bind_int64(handle, position, values[row])
      case .float(let values): code = unsafe bind(Double(values[row]), handle, position)
      case .double(let values): code = unsafe bind(values[row], handle, position)
      // SAFETY: the bytes live as long as the column, which outlives the statement's step; without
      // a destructor SQLite neither copies nor frees them.
      case .text(let strings):
        code = unsafe sqlite3_bind_text(
          handle, position, strings.start(row), Int32(strings.length(row)), nil)
      case .blob(let strings):
        code = unsafe sqlite3_bind_blob(
          handle, position, strings.start(row), Int32(strings.length(row)), nil)
      }
    }
    try statement.check(code)
  }

  @unsafe private func bind(_ value: Double, _ handle: OpaquePointer, _ position: Int32) -> Int32 {
    guard value.isNaN else { return unsafe sqlite3_bind_double(handle, position, value) }
    guard purpose == .key else { return unsafe sqlite3_bind_null(handle, position) }
    let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    return unsafe sqlite3_bind_text(handle, position, "NaN", 3, copies)
  }
}

extension ByteStrings {
  /// Where a value begins; never a null pointer, which would stand for NULL.
  @unsafe fileprivate func start(_ row: Int) -> UnsafeRawPointer {
    unsafe UnsafeRawPointer(bytes.pointer + range(row).lowerBound)
  }

  @unsafe fileprivate func start(_ row: Int) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(bytes.pointer + range(row).lowerBound)
      .assumingMemoryBound(to: CChar.self)
  }
}

/// RFC 3339 in UTC, always with six digits of a second: so their order is that of time.
private func timestampTexts(_ values: Buffer<Int64>) -> ByteStrings {
  var builder = ByteStringsBuilder(capacity: values.count, byteCapacity: values.count * 27)
  var text = ByteText(capacity: 64)
  for row in 0..<values.count {
    text.removeAll()
    text.appendTimestamp(values[row])
    text.truncate(to: text.count - 1)
    let fraction = values[row] % 1_000_000
    if fraction == 0 { text.append(UInt8(ascii: ".")) }
    for _ in 0..<trailingZeroCount(fraction) { text.append(UInt8(ascii: "0")) }
    text.append(UInt8(ascii: "Z"))
    builder.append(text.span)
  }
  return builder.take()
}

/// As SQLite's date functions have them, with as many digits of a second as needed: so their order is
/// that of time, and whole seconds are equal to what `datetime` gives.
private func functionTimestampTexts(_ values: Buffer<Int64>) -> ByteStrings {
  var builder = ByteStringsBuilder(capacity: values.count, byteCapacity: values.count * 26)
  var text = ByteText(capacity: 64)
  for row in 0..<values.count {
    text.removeAll()
    text.appendSparkTimestamp(values[row])
    builder.append(text.span)
  }
  return builder.take()
}

/// How many of the six digits of a fraction are zeros at the end.
private func trailingZeroCount(_ microseconds: Int64) -> Int {
  var (rest, count) = (microseconds, 0)
  while count < 6, rest % 10 == 0 { (rest, count) = (rest / 10, count + 1) }
  return count
}
