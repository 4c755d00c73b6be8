package import Columnar

/// The column of `--corrupt-column`: the text of the malformed records, null for the others.
///
/// - Parameter records: rows, ascending, and the bytes of their records. What is not UTF-8 in them
///   is replaced, since the column is a string.
package func corruptColumn(rowCount: Int, _ records: [(row: Int, bytes: [UInt8])]) -> Column {
  var strings = ByteStringsBuilder(capacity: rowCount)
  var validity = ValidityBuilder()
  var next = records.makeIterator()
  var pending = next.next()
  for row in 0..<rowCount {
    if let record = pending, record.row == row {
      strings.append(String(decoding: record.bytes, as: UTF8.self))
      validity.appendValid()
      pending = next.next()
    } else {
      strings.closeValue()
      validity.appendNull()
    }
  }
  return Column(.string, .bytes(strings.take()), validity: validity.take())
}

/// A byte for a message: `byte 'x'`, `byte 0xFF`.
package func describe(byte: UInt8) -> String {
  if 0x20...0x7E ~= byte { return "byte '\(Unicode.Scalar(byte))'" }
  let digits = String(byte, radix: 16, uppercase: true)
  return "byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
}
