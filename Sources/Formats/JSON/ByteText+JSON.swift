internal import CKernels
internal import Columnar
internal import Scalars

// MARK: - Values

extension ByteText {
  /// Appends the value of a row, null as `null`.
  @unsafe @inline(__always)
  mutating func appendJSON(_ output: UnsafePointer<JSONOutput>, _ row: Int) {
    if unsafe output.pointee.isNull(row) { return append(word: 0x6C6C_756E, count: 4) }
    switch unsafe output.pointee.kind {
    case .string:
      let range = unsafe output.pointee.range(row)
      let start = unsafe output.pointee.values.assumingMemoryBound(to: UInt8.self)
      unsafe append(jsonString: start + range.lowerBound, count: range.count)
    case .int64: unsafe appendInteger(output.pointee.value(row, as: Int64.self))
    default: unsafe appendOtherJSON(output, row)
    }
  }

  @unsafe @inline(never)
  private mutating func appendOtherJSON(_ output: UnsafePointer<JSONOutput>, _ row: Int) {
    switch unsafe output.pointee.kind {
    case .void: append(word: 0x6C6C_756E, count: 4)
    case .boolean: unsafe append(boolean: output, row)
    case .int8: unsafe appendInteger(Int64(output.pointee.value(row, as: Int8.self)))
    case .int16: unsafe appendInteger(Int64(output.pointee.value(row, as: Int16.self)))
    case .int32: unsafe appendInteger(Int64(output.pointee.value(row, as: Int32.self)))
    case .int64: unsafe appendInteger(output.pointee.value(row, as: Int64.self))
    case .float: unsafe append(json: output.pointee.value(row, as: Float.self))
    case .double: unsafe append(json: output.pointee.value(row, as: Double.self))
    case .decimal:
      let unscaled = unsafe output.pointee.value(row, as: Int128.self)
      unsafe appendDecimal(unscaled, scale: Int(output.pointee.scale))
    case .string, .binary: unsafe append(bytes: output, row)
    case .date, .timestamp, .dayTimeInterval, .yearMonthInterval:
      append(UInt8(ascii: "\""))
      unsafe append(time: output, row)
      append(UInt8(ascii: "\""))
    case .list: unsafe append(list: output, row)
    case .structure: unsafe append(members: output.pointee.children, output.pointee.childCount, row)
    case .object: unsafe append(object: output, row)
    case .entries: unsafe append(entries: output, row)
    }
  }

  /// Appends up to eight bytes, the first in the lowest place.
  @inline(__always)
  private mutating func append(word: UInt64, count: Int) {
    let target = unsafe claim(8)
    unsafe UnsafeMutableRawPointer(target).storeBytes(of: word, as: UInt64.self)
    unsafe commit(count)
  }

  @unsafe
  private mutating func append(boolean output: UnsafePointer<JSONOutput>, _ row: Int) {
    let word = unsafe output.pointee.value(row >> 6, as: UInt64.self)
    if word >> UInt64(row & 63) & 1 != 0 {
      append(word: 0x6575_7274, count: 4)
    } else {
      append(word: 0x65_736C_6166, count: 5)
    }
  }

  /// What JSON has no numbers for is a string.
  private mutating func append(json value: Double) {
    if !value.isFinite { append(UInt8(ascii: "\"")) }
    appendDouble(value)
    if !value.isFinite { append(UInt8(ascii: "\"")) }
  }

  private mutating func append(json value: Float) {
    if !value.isFinite { append(UInt8(ascii: "\"")) }
    appendFloat(value)
    if !value.isFinite { append(UInt8(ascii: "\"")) }
  }

  @unsafe
  private mutating func append(time output: UnsafePointer<JSONOutput>, _ row: Int) {
    switch unsafe output.pointee.kind {
    case .date: unsafe appendDate(output.pointee.value(row, as: Int32.self))
    case .timestamp: unsafe appendTimestamp(output.pointee.value(row, as: Int64.self))
    case .dayTimeInterval:
      unsafe appendDayTimeInterval(output.pointee.value(row, as: Int64.self))
    default: unsafe appendYearMonthInterval(output.pointee.value(row, as: Int32.self))
    }
  }

  @unsafe
  private mutating func append(bytes output: UnsafePointer<JSONOutput>, _ row: Int) {
    let range = unsafe output.pointee.range(row)
    let values = unsafe output.pointee.values.assumingMemoryBound(to: UInt8.self)
    let start = unsafe values + range.lowerBound
    guard unsafe output.pointee.kind == .binary else {
      return unsafe append(jsonString: start, count: range.count)
    }
    append(UInt8(ascii: "\""))
    unsafe append(base64Of: start, count: range.count)
    append(UInt8(ascii: "\""))
  }
}

// MARK: - Containers

extension ByteText {
  /// Appends a row of columns as an object.
  @unsafe @inline(__always)
  mutating func append(
    members: UnsafePointer<JSONOutput>, _ count: Int, _ row: Int
  ) {
    if count == 0 { append(UInt8(ascii: "{")) }
    for index in 0..<count {
      let member = unsafe members + index
      unsafe append(key: member.pointee.key, count: member.pointee.keyCount)
      unsafe appendJSON(member, row)
    }
    append(UInt8(ascii: "}"))
  }

  @unsafe @inline(__always)
  private mutating func append(key: UnsafePointer<UInt8>, count: Int) {
    guard count <= 64 else { return unsafe append(key, count: count) }
    let target = unsafe claim(64)
    unsafe kernel_copy_64(target, key)
    unsafe commit(count)
  }

  @unsafe
  private mutating func append(list output: UnsafePointer<JSONOutput>, _ row: Int) {
    let range = unsafe output.pointee.range(row)
    append(UInt8(ascii: "["))
    for index in range {
      if index > range.lowerBound { append(UInt8(ascii: ",")) }
      unsafe appendJSON(output.pointee.children, index)
    }
    append(UInt8(ascii: "]"))
  }

  @unsafe
  private mutating func append(object output: UnsafePointer<JSONOutput>, _ row: Int) {
    let range = unsafe output.pointee.range(row)
    append(UInt8(ascii: "{"))
    for index in range {
      if index > range.lowerBound { append(UInt8(ascii: ",")) }
      unsafe append(objectKey: output.pointee.children, index)
      append(UInt8(ascii: ":"))
      unsafe appendJSON(output.pointee.children + 1, index)
    }
    append(UInt8(ascii: "}"))
  }

  /// Whatever the key is, in JSON it is a string.
  @unsafe
  private mutating func append(objectKey output: UnsafePointer<JSONOutput>, _ row: Int) {
    if unsafe output.pointee.kind == .string { return unsafe appendJSON(output, row) }
    let start = count
    append(UInt8(ascii: "\""))
    unsafe appendJSON(output, row)
    if span[start + 1] == UInt8(ascii: "\"") {
      // It came with quotes.
      truncate(to: start)
      unsafe appendJSON(output, row)
    } else {
      append(UInt8(ascii: "\""))
    }
  }

  @unsafe
  private mutating func append(entries output: UnsafePointer<JSONOutput>, _ row: Int) {
    let range = unsafe output.pointee.range(row)
    append(UInt8(ascii: "["))
    for index in range {
      if index > range.lowerBound { append(UInt8(ascii: ",")) }
      unsafe append(members: output.pointee.children, 2, index)
    }
    append(UInt8(ascii: "]"))
  }
}

// MARK: - Strings

extension ByteText {
  /// Appends a string, escaped where it must be: quotes, backslashes, control characters.
  ///
  /// - Parameter start: `count` bytes of UTF-8, with 64 readable bytes behind them.
  @unsafe @inline(__always)
  mutating func append(jsonString start: UnsafePointer<UInt8>, count: Int) {
    let target = unsafe claim(72)
    unsafe target[0] = UInt8(ascii: "\"")
    unsafe kernel_copy_64(target + 1, start)
    let escapes = unsafe kernel_json_escapes_64(start)
    if count < 64, escapes & (1 << UInt64(truncatingIfNeeded: count) &- 1) == 0 {
      unsafe target[count &+ 1] = UInt8(ascii: "\"")
      unsafe commit(count &+ 2)
    } else {
      unsafe append(longString: start, count: count)
    }
  }

  @unsafe @inline(never)
  private mutating func append(longString start: UnsafePointer<UInt8>, count: Int) {
    append(UInt8(ascii: "\""))
    var done = 0
    while done < count {
      let target = unsafe claim(64)
      unsafe kernel_copy_64(target, start + done)
      let plain = unsafe kernel_json_escapes_64(start + done).trailingZeroBitCount
      let run = min(plain, count - done)
      unsafe commit(run)
      done += run
      if run == plain, run < 64, done < count {
        append(escaped: unsafe start[done])
        done += 1
      }
    }
    append(UInt8(ascii: "\""))
  }

  private mutating func append(escaped byte: UInt8) {
    append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: append(UInt8(ascii: "b"))
    case 0x09: append(UInt8(ascii: "t"))
    case 0x0A: append(UInt8(ascii: "n"))
    case 0x0C: append(UInt8(ascii: "f"))
    case 0x0D: append(UInt8(ascii: "r"))
    case 0..<0x20:
      append("u00")
      append(UInt8(ascii: "0") + byte >> 4)
      append(byte & 0xF < 10 ? 0x30 + byte & 0xF : 0x57 + byte & 0xF)
    default: append(byte)
    }
  }
}

extension MutableBuffer<UInt8> {
  /// Appends a string in quotes, escaped where it must be.
  mutating func append(jsonString string: String) {
    var text = ByteText()
    let padded = Buffer(Array(string.utf8))
    unsafe text.append(jsonString: padded.pointer, count: padded.count)
    append(contentsOf: text.span)
  }
}
