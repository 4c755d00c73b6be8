internal import CKernels

extension ByteStrings {
  /// Cuts each value at every `delimiter`; one without any is a single part, a null has none.
  ///
  /// - Returns: the parts of all values, and where those of each begin and end: count + 1 offsets.
  /// - Complexity: one pass. Whole vectors are copied to where the output ends; what was copied too
  ///   much is overwritten by the next part.
  package func split(
    at delimiter: UInt8, validity: Bitmap?
  ) -> (offsets: Buffer<Int32>, parts: ByteStrings) {
    var parts = PartsBuilder(byteCapacity: totalLength, capacity: totalLength / 6 + count)
    let ends = Buffer<Int32>(count: count + 1) { output in
      output.append(0)
      for row in 0..<count {
        if validity.map({ $0[row] }) ?? true {
          let range = range(row)
          unsafe parts.cut(bytes.pointer + range.lowerBound, range.count, at: delimiter)
        }
        output.append(Int32(truncatingIfNeeded: parts.count))
      }
    }
    return (ends, parts.take())
  }
}

@safe private struct PartsBuilder: ~Copyable {
  // SAFETY: the text never gets longer than `byteCapacity`, what all values have together, and may
  // be written up to 64 bytes behind it, as every buffer; sources may be read as far behind theirs.
  private var text: MutableBuffer<UInt8>
  private let target: UnsafeMutablePointer<UInt8>
  private var length = 0
  private var offsets: MutableBuffer<Int32>

  init(byteCapacity: Int, capacity: Int) {
    text = MutableBuffer(capacity: max(1, byteCapacity))
    unsafe target = text.pointer
    offsets = MutableBuffer(capacity: capacity + 1)
    offsets.append(0)
  }

  var count: Int { offsets.count - 1 }

  @unsafe @inline(__always)
  mutating func cut(_ source: UnsafePointer<UInt8>, _ byteCount: Int, at delimiter: UInt8) {
    var from = 0
    var base = 0
    while base < byteCount {
      let inside = ~0 as UInt64 &>> UInt64(truncatingIfNeeded: max(0, 64 &- (byteCount &- base)))
      var found = unsafe kernel_mask_equal_64(source + base, delimiter) & inside
      while found != 0 {
        let end = base &+ found.trailingZeroBitCount
        found &= found &- 1
        unsafe append(source + from, end &- from)
        from = end &+ 1
      }
      base &+= 64
    }
    unsafe append(source + from, byteCount &- from)
  }

  @unsafe @inline(__always)
  private mutating func append(_ source: UnsafePointer<UInt8>, _ byteCount: Int) {
    unsafe kernel_copy_16(target + length, source)
    var copied = 16
    while copied < byteCount {
      unsafe kernel_copy_16(target + length + copied, source + copied)
      copied &+= 16
    }
    length &+= byteCount
    offsets.append(Int32(truncatingIfNeeded: length))
  }

  mutating func take() -> ByteStrings {
    unsafe text.setCount(length)
    return ByteStrings(offsets: offsets.take(), bytes: text.take())
  }
}
