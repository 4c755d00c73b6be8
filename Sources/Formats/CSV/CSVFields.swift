internal import CKernels
internal import Columnar

/// The fields of an indexed block, column by column: the second phase of CSV parsing.
@safe struct CSVFields {
  // SAFETY: the index holds positions inside the block or, for its last end, right behind it, and a
  // buffer may be read 64 bytes behind its end.
  let bytes: Buffer<UInt8>
  let index: CSVIndex
  let fieldCount: Int
  /// What, unquoted, is null; nil if only an empty field is.
  let nullText: [UInt8]?

  /// Takes a field that cannot be read.
  typealias Refusal = (_ row: Int, _ field: CSVField, _ error: any Error) -> Void

  /// The values of a column of machine values; null where a field is empty, quoted or not.
  ///
  /// - Parameters:
  ///   - parse: makes a value of text without quotes. It is inlined into the loop.
  ///   - refuse: told of each field for which `parse` throws; its value is `zero`.
  /// - Returns: the values and the rows that are null, ascending.
  @inline(__always)
  func values<Value: BitwiseCopyable, Failure: Error>(
    of field: Int, zero: Value, refuse: Refusal,
    _ parse: (UnsafePointer<UInt8>, Int) throws(Failure) -> Value
  ) -> (values: Buffer<Value>, nulls: Buffer<Int32>) {
    var nulls = MutableBuffer<Int32>()
    let source = unsafe bytes.pointer
    var entry = unsafe index.ends.pointer + field
    let stride = index.stride
    let isLast = field == fieldCount - 1
    let nullLength = nullText?.count ?? 0
    let values = Buffer<Value>(count: index.recordCount) { output in
      for row in 0..<index.recordCount {
        var found = unsafe CSVField(start: Int(entry[0]) &+ 1, end: Int(entry[1]))
        unsafe entry += stride
        if isLast { trimReturn(&found) }
        if unsafe found.length > 0 && source[found.start] == doubleQuote { found.unquote() }
        guard found.length > 0, found.length != nullLength || !isNullText(found) else {
          nulls.append(Int32(truncatingIfNeeded: row))
          output.append(zero)
          continue
        }
        do throws(Failure) {
          output.append(try unsafe parse(source + found.start, found.length))
        } catch {
          refuse(row, found, error)
          output.append(zero)
        }
      }
    }
    return (values, nulls.take())
  }

  /// The values of a column of strings; null where a field is empty and not quoted.
  func strings(of field: Int) -> (values: ByteStrings, nulls: Buffer<Int32>) {
    var copy = CSVStringCopy(self, field)
    for row in 0..<index.recordCount {
      let found = self.field(field, row)
      if found.length == 0 || found.isQuoted || nullText != nil {
        copy.appendSpecial(found, row)
      } else {
        copy.append(found)
      }
    }
    return copy.finish()
  }

  /// A field, without its quotes.
  @inline(__always)
  func field(_ field: Int, _ row: Int) -> CSVField {
    let entry = unsafe index.ends.pointer + (row &* index.stride &+ field)
    var found = unsafe CSVField(start: Int(entry[0]) &+ 1, end: Int(entry[1]))
    if field == fieldCount &- 1 { trimReturn(&found) }
    if unsafe found.length > 0 && bytes.pointer[found.start] == doubleQuote { found.unquote() }
    return found
  }

  /// Leaves off a CR before the line feed; behind the last byte of the block there is none.
  @inline(__always)
  private func trimReturn(_ found: inout CSVField) {
    if found.length > 0, unsafe bytes.pointer[found.end &- 1] == carriageReturn,
      found.end < bytes.count
    {
      found.end &-= 1
    }
  }

  func isNullText(_ found: CSVField) -> Bool {
    guard let nullText, !found.isQuoted, found.length == nullText.count else { return false }
    return nullText.indices.allSatisfy { bytes[found.start + $0] == nullText[$0] }
  }
}

/// Where a field is in its block.
struct CSVField {
  var start: Int
  var end: Int
  var isQuoted = false

  @inline(__always)
  init(start: Int, end: Int) {
    self.start = start
    self.end = end
  }

  @inline(__always) var length: Int { end &- start }

  /// Leaves off the quotes; doubled ones inside stay doubled.
  ///
  /// A field that begins with a quote ends with another one: else it is no part of an index.
  @inline(__always)
  mutating func unquote() {
    start &+= 1
    end &-= 1
    isQuoted = true
  }
}

/// Copies fields one behind the other.
@safe private struct CSVStringCopy: ~Copyable {
  // SAFETY: `target` has room for `capacity` bytes and 64 more; 16 are copied at a time.
  private let source: UnsafePointer<UInt8>
  private let fields: CSVFields
  private var text: MutableBuffer<UInt8>
  private var target: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var length = 0
  private var offsets: MutableBuffer<Int32>
  private var nulls = MutableBuffer<Int32>()

  init(_ fields: CSVFields, _ field: Int) {
    self.fields = fields
    unsafe source = fields.bytes.pointer
    text = MutableBuffer(capacity: CSVStringCopy.estimate(fields, field))
    unsafe target = text.pointer
    capacity = text.capacity
    offsets = MutableBuffer(capacity: fields.index.recordCount + 1)
    offsets.append(0)
  }

  /// How much room the column will need, going by its first fields.
  private static func estimate(_ fields: CSVFields, _ field: Int) -> Int {
    let rows = fields.index.recordCount
    let sampled = min(rows, 64)
    let length = (0..<sampled).reduce(0) { $0 + max(0, fields.field(field, $1).length) }
    return sampled == 0 ? 0 : min(fields.bytes.count, length * rows / sampled * 9 / 8 + 64)
  }

  @inline(__always)
  mutating func append(_ found: CSVField) {
    if capacity &- length < found.length { grow(by: found.length) }
    var (from, to) = unsafe (source + found.start, target + length)
    unsafe kernel_copy_16(to, from)
    var rest = found.length &- 16
    while rest > 0 {
      unsafe from += 16
      unsafe to += 16
      unsafe kernel_copy_16(to, from)
      rest &-= 16
    }
    length &+= found.length
    unsafe offsets.appendUnchecked(Int32(truncatingIfNeeded: length))
  }

  mutating func appendSpecial(_ found: CSVField, _ row: Int) {
    if found.isQuoted, fields.index.quotes.areDoubled {
      appendUndoubling(found)
    } else if found.isQuoted || (found.length > 0 && !fields.isNullText(found)) {
      append(found)
    } else {
      nulls.append(Int32(truncatingIfNeeded: row))
      unsafe offsets.appendUnchecked(Int32(truncatingIfNeeded: length))
    }
  }

  /// Leaves out the first of each two quotes.
  private mutating func appendUndoubling(_ found: CSVField) {
    if capacity &- length < found.length { grow(by: found.length) }
    var offset = found.start
    while offset < found.end {
      let byte = unsafe source[offset]
      unsafe target[length] = byte
      length &+= 1
      offset &+= byte == doubleQuote ? 2 : 1
    }
    unsafe offsets.appendUnchecked(Int32(truncatingIfNeeded: length))
  }

  @inline(never)
  private mutating func grow(by added: Int) {
    unsafe text.setCount(length)
    text.reserve(added)
    unsafe target = text.pointer
    capacity = text.capacity
  }

  consuming func finish() -> (values: ByteStrings, nulls: Buffer<Int32>) {
    unsafe text.setCount(length)
    return (ByteStrings(offsets: offsets.take(), bytes: text.take()), nulls.take())
  }
}
