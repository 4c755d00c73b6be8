internal import Columnar
internal import Scalars

/// Reads the columns of an indexed block and notes which fields are not of their type.
struct CSVReading {
  private let fields: CSVFields
  private let zone: TimeZone
  private let timestampPattern: DateTimePattern?
  private(set) var flaws: [CSVFlaw] = []
  /// Whether all bytes of the block are UTF-8; looked up for the first string column.
  private var isUTF8: Bool?

  init(_ fields: CSVFields, zone: TimeZone, _ timestampPattern: DateTimePattern?) {
    self.fields = fields
    self.zone = zone
    self.timestampPattern = timestampPattern
  }

  mutating func column(_ column: CSVColumn) -> Column {
    switch column.type {
    case .boolean: booleans(column)
    case .tinyint: integers(column, Int8.self) { .int8($0) }
    case .smallint: integers(column, Int16.self) { .int16($0) }
    case .int: integers(column, Int32.self) { .int32($0) }
    case .bigint: bigints(column)
    case .float: floats(column)
    case .double: doubles(column)
    case .decimal(let precision, let scale): decimals(column, precision, scale)
    case .date: dates(column)
    case .timestamp: timestamps(column)
    case .string: strings(column, validates: true)
    case .binary: strings(column, validates: false)
    default: preconditionFailure("\(column.type) was refused before")
    }
  }

  /// - Parameter nulls: rows, ascending; those of flaws are added.
  private func finish(
    _ column: CSVColumn, _ storage: Storage, nulls: Buffer<Int32>, firstFlaw: Int
  ) -> Column {
    let bad = flaws[firstFlaw...].compactMap(\.row).map { Int32($0) }
    guard nulls.count + bad.count > 0 else { return Column(column.type, storage) }
    var validity = ~bitmap(of: nulls, count: fields.index.recordCount)
    if !bad.isEmpty { validity = validity - bitmap(of: Buffer(bad), count: validity.count) }
    return Column(column.type, storage, validity: validity)
  }

  private mutating func note(
    _ column: CSVColumn, _ row: Int, _ found: CSVField, _ error: any Error
  ) {
    let text = fields.bytes[found.start..<found.end].elements
    let (message, offset) = describe(error, column: column.name, type: column.type, text: text)
    note(row, found.start + offset, message)
  }

  private mutating func note(_ row: Int, _ offset: Int, _ message: String) {
    let record = fields.index.record(row, fieldCount: fields.fieldCount)
    flaws.append(CSVFlaw(record: record, offset: offset, message: message, row: row))
  }
}

// MARK: - Types

extension CSVReading {
  private mutating func booleans(_ column: CSVColumn) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as UInt8, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(BooleanError) in unsafe try parseBoolean(text, count: count) ? 1 : 0 }
    var bits = BitmapBuilder(capacity: values.count)
    for row in 0..<values.count { bits.append(values[row] != 0) }
    return finish(column, .boolean(bits.take()), nulls: nulls, firstFlaw: first)
  }

  @inline(__always)
  private mutating func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ column: CSVColumn, _: Value.Type, _ storage: (Buffer<Value>) -> Storage
  ) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Value, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(IntegerError) in
      guard let value = Value(exactly: try unsafe parseInt64(text, count: count)) else {
        throw .overflow
      }
      return value
    }
    return finish(column, storage(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func bigints(_ column: CSVColumn) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Int64, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(IntegerError) in try unsafe parseInt64(text, count: count) }
    return finish(column, .int64(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func floats(_ column: CSVColumn) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Float, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(NumberError) in try unsafe parseFloat(text, count: count) }
    return finish(column, .float(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func doubles(_ column: CSVColumn) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Double, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(NumberError) in try unsafe parseDouble(text, count: count) }
    return finish(column, .double(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func decimals(_ column: CSVColumn, _ precision: Int, _ scale: Int) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Int128, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(DecimalError) in
      try unsafe parseDecimal(text, count: count, precision: precision, scale: scale)
    }
    return finish(column, .decimal(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func dates(_ column: CSVColumn) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Int32, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(TimeError) in try unsafe parseDate(text, count: count) }
    return finish(column, .int32(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func timestamps(_ column: CSVColumn) -> Column {
    if let timestampPattern { return timestamps(column, timestampPattern) }
    let first = flaws.count
    var parser = TimestampParser(zone: zone)
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Int64, refuse: { note(column, $0, $1, $2) }
    ) { text, count throws(TimeError) in try unsafe parser.parse(text, count: count) }
    return finish(column, .int64(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func timestamps(_ column: CSVColumn, _ pattern: DateTimePattern) -> Column {
    let first = flaws.count
    let (values, nulls) = unsafe fields.values(
      of: column.field, zero: 0 as Int64, refuse: { note(column, $0, $1, $2) }
    ) { [zone] text, count throws(TimeError) in
      let span = unsafe Span(_unsafeStart: text, count: count)
      return try pattern.parseTimestamp(span, zone: zone)
    }
    return finish(column, .int64(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func strings(_ column: CSVColumn, validates: Bool) -> Column {
    let first = flaws.count
    var (values, nulls) = fields.strings(of: column.field)
    if validates, !isBlockUTF8() {
      noteInvalid(column)
      let bad = Buffer(flaws[first...].compactMap(\.row).map { Int32($0) })
      if bad.count > 0 { values = values.blanking(~bitmap(of: bad, count: values.count)) }
    }
    return finish(column, .bytes(values), nulls: nulls, firstFlaw: first)
  }

  private mutating func isBlockUTF8() -> Bool {
    if let isUTF8 { return isUTF8 }
    let bytes = fields.bytes
    let isValid =
      unsafe fields.index.isASCII
      || firstInvalidUTF8(bytes.pointer, count: bytes.count) == nil
    isUTF8 = isValid
    return isValid
  }

  private mutating func noteInvalid(_ column: CSVColumn) {
    for row in 0..<fields.index.recordCount {
      let found = fields.field(column.field, row)
      let start = unsafe fields.bytes.pointer + found.start
      guard let offset = unsafe firstInvalidUTF8(start, count: found.length) else { continue }
      let byte = describe(byte: fields.bytes[found.start + offset])
      note(row, found.start + offset, "'\(column.name)' is not UTF-8: \(byte) at offset \(offset)")
    }
  }
}

/// - Parameter positions: below `count`.
/// - Returns: 1 at these positions.
func bitmap(of positions: Buffer<Int32>, count: Int) -> Bitmap {
  var words = MutableBuffer<UInt64>(capacity: Bitmap.wordCount(count))
  words.append(repeating: 0, count: Bitmap.wordCount(count))
  for index in 0..<positions.count {
    let position = Int(positions[index])
    words[position >> 6] |= 1 &<< UInt64(position & 63)
  }
  return Bitmap(words: words.take(), count: count)
}
