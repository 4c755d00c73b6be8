internal import CKernels
package import Columnar

/// Writes CSV (RFC 4180) with LF line ends.
///
/// A field is quoted where it has to be: when it holds the delimiter, a quote or a line end, when
/// it is the empty string, and when it reads like null.
package struct CSVWriter: RecordWriter {
  private let options: WriteOptions
  private let nullText: [UInt8]

  package init(_ options: WriteOptions) {
    self.options = options
    nullText = Array(options.nullText.utf8)
  }

  package mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>) {
    guard options.hasHeader else { return }
    let names = schema.names.map { quoted(Column([Optional($0)]), ByteStrings([$0])) }
    writeRows(names, rowCount: 1, delimiter: options.delimiter, into: &bytes)
  }

  package mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws {
    for part in batch.parts {
      let texts = part.columns.map { quoted($0, columnText($0)) }
      writeRows(texts, rowCount: part.rowCount, delimiter: options.delimiter, into: &bytes)
    }
  }

  package mutating func end(into bytes: inout MutableBuffer<UInt8>) {}

  /// The texts with quotes where they need them, and the text for null.
  private func quoted(_ column: Column, _ texts: ByteStrings) -> ByteStrings {
    let hasSpecial = holdsSpecialByte(texts)
    guard hasSpecial || needsLook(column, texts) else { return texts }
    var result = ByteStringsBuilder(capacity: texts.count, byteCapacity: texts.totalLength)
    for row in 0..<texts.count {
      let text = texts[row]
      if column.isNull(row) {
        result.append(nullText.span)
      } else if text.count == 0 || isNullText(text) || (hasSpecial && isSpecial(text)) {
        result.appendQuoted(text)
      } else {
        result.append(text)
      }
    }
    return result.take()
  }

  /// Whether some text is not written as it is, apart from those that hold a special byte.
  private func needsLook(_ column: Column, _ texts: ByteStrings) -> Bool {
    if column.validity != nil || column.type == .void {
      return !nullText.isEmpty || hasEmpty(column, texts)
    }
    return hasEmpty(column, texts) || (!nullText.isEmpty && holdsNullText(texts))
  }

  private func hasEmpty(_ column: Column, _ texts: ByteStrings) -> Bool {
    let offsets = texts.offsets.span
    for row in 0..<texts.count where offsets[row] == offsets[row + 1] {
      if !column.isNull(row) { return true }
    }
    return false
  }

  private func holdsNullText(_ texts: ByteStrings) -> Bool {
    for row in 0..<texts.count where isNullText(texts[row]) { return true }
    return false
  }

  private func isNullText(_ text: Span<UInt8>) -> Bool {
    guard text.count == nullText.count else { return false }
    return nullText.indices.allSatisfy { text[$0] == nullText[$0] }
  }

  private func isSpecial(_ text: Span<UInt8>) -> Bool {
    for index in 0..<text.count where isSpecial(text[index]) { return true }
    return false
  }

  private func isSpecial(_ byte: UInt8) -> Bool {
    byte == options.delimiter || byte == doubleQuote || byte == lineFeed || byte == carriageReturn
  }

  private func holdsSpecialByte(_ texts: ByteStrings) -> Bool {
    let bytes = texts.bytes[Int(texts.offsets[0])..<Int(texts.offsets[texts.count])]
    // SAFETY: a buffer may be read 64 bytes behind its end; what is found there does not count.
    let pointer = unsafe bytes.pointer
    for base in stride(from: 0, to: bytes.count, by: 64) {
      let mask =
        unsafe kernel_mask_either_64(pointer + base, options.delimiter, doubleQuote)
        | kernel_mask_either_64(pointer + base, lineFeed, carriageReturn)
      if mask != 0, base + mask.trailingZeroBitCount < bytes.count { return true }
    }
    return false
  }
}

extension ByteStringsBuilder {
  /// Appends a text in quotes, its own quotes doubled.
  fileprivate mutating func appendQuoted(_ text: Span<UInt8>) {
    bytes.append(doubleQuote)
    for index in 0..<text.count {
      if text[index] == doubleQuote { bytes.append(doubleQuote) }
      bytes.append(text[index])
    }
    bytes.append(doubleQuote)
    closeValue()
  }
}
