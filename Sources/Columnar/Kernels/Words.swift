extension DataType {
  /// Whether a value fits into a word of 64 bits, see ``Column/words()``.
  package var isWord: Bool {
    switch self {
    case .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .timestamp, .date,
      .dayTimeInterval, .yearMonthInterval:
      true
    default: false
    }
  }
}

extension Column {
  /// Each value as 64 bits: integers sign-extended, booleans 0 and 1, `float` and `double` the bits
  /// of the double. What stands under a null means nothing.
  ///
  /// - Precondition: the type is a word.
  /// - Complexity: O(1) for types of 64 bits, which share their memory; else O(rows).
  package func words() -> Buffer<Int64> {
    switch storage {
    case .boolean(let bits): return bits.widened()
    case .int8(let values): return widen(values)
    case .int16(let values): return widen(values)
    case .int32(let values): return widen(values)
    case .int64(let values): return values
    case .float(let values):
      let source = values.span
      return Buffer(count: values.count) { output in
        for slot in source.indices {
          output.append(Int64(bitPattern: Double(source[slot]).bitPattern))
        }
      }
    case .double(let values): return values.reinterpreted(as: Int64.self)
    default: preconditionFailure("no word: \(type)")
    }
  }

  /// The words of values, but equal ones are the same: no -0.0, and one NaN.
  package func equalityWords() -> Buffer<Int64> {
    guard type.isFloatingPoint else { return words() }
    let source = words().reinterpreted(as: Double.self).span
    return Buffer(count: source.count) { output in
      for slot in source.indices {
        // -0.0 + 0.0 is 0.0.
        let value = source[slot] + 0.0
        output.append(Int64(bitPattern: (value.isNaN ? Double.nan : value).bitPattern))
      }
    }
  }

  /// The column of a word type whose values ``words()`` gave.
  package init(_ type: DataType, words: Buffer<Int64>, validity: Bitmap?) {
    let storage: Storage =
      switch type {
      case .boolean: .boolean(Bitmap(words))
      case .tinyint: .int8(narrow(words))
      case .smallint: .int16(narrow(words))
      case .int, .date, .yearMonthInterval: .int32(narrow(words))
      case .bigint, .timestamp, .dayTimeInterval: .int64(words)
      case .float: .float(floats(words))
      case .double: .double(words.reinterpreted(as: Double.self))
      default: preconditionFailure("no word: \(type)")
      }
    self.init(type, storage, validity: validity)
  }
}

extension Buffer {
  /// The same bits read as another type of the same size; nothing is copied.
  ///
  /// - Precondition: every bit pattern is a value of `Other`, as of numbers.
  package func reinterpreted<Other: BitwiseCopyable>(as _: Other.Type) -> Buffer<Other> {
    precondition(MemoryLayout<Other>.stride == MemoryLayout<Element>.stride)
    // SAFETY: same size and alignment, same memory, same owner.
    return unsafe Buffer<Other>(
      owner: owner, base: UnsafeMutableRawPointer(mutating: base), count: count)
  }
}

extension Bitmap {
  fileprivate func widened() -> Buffer<Int64> {
    Buffer(count: count) { output in
      for slot in 0..<count { unsafe output.append(self[unchecked: slot] ? 1 : 0) }
    }
  }

  fileprivate init(_ words: Buffer<Int64>) {
    let source = words.span
    var builder = BitmapBuilder(capacity: words.count)
    for slot in source.indices { builder.append(source[slot] != 0) }
    self = builder.take()
  }
}

@inline(__always)
private func widen<Element: BitwiseCopyable & BinaryInteger>(
  _ values: Buffer<Element>
) -> Buffer<Int64> {
  let source = values.span
  return Buffer(count: source.count) { output in
    for slot in source.indices { output.append(Int64(truncatingIfNeeded: source[slot])) }
  }
}

@inline(__always)
private func narrow<Element: BitwiseCopyable & BinaryInteger>(
  _ words: Buffer<Int64>
) -> Buffer<Element> {
  let source = words.span
  return Buffer(count: source.count) { output in
    for slot in source.indices { output.append(Element(truncatingIfNeeded: source[slot])) }
  }
}

private func floats(_ words: Buffer<Int64>) -> Buffer<Float> {
  let source = words.span
  return Buffer(count: source.count) { output in
    for slot in source.indices {
      output.append(Float(Double(bitPattern: UInt64(bitPattern: source[slot]))))
    }
  }
}
