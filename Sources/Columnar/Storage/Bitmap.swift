/// Bits in Arrow's order: bit `i` is bit `i % 64` of word `i / 64`. In a validity bitmap 1 is
/// "there is a value".
///
/// What stands behind the last bit means nothing and is masked where it could show.
@usableFromInline package struct Bitmap: Sendable {
  @usableFromInline package let words: Buffer<UInt64>
  @usableFromInline package let count: Int
  /// How many bits are 1.
  @usableFromInline package let setCount: Int

  /// - Parameter words: at least ceil(count / 64) of them.
  package init(words: Buffer<UInt64>, count: Int) {
    precondition(words.count >= Bitmap.wordCount(count))
    self.words = words
    self.count = count
    setCount = Bitmap.population(words, count)
  }

  package init(repeating bit: Bool, count: Int) {
    words = Buffer(repeating: bit ? ~0 : 0, count: Bitmap.wordCount(count))
    self.count = count
    setCount = bit ? count : 0
  }

  package init(_ bits: [Bool]) {
    var builder = BitmapBuilder(capacity: bits.count)
    for bit in bits { builder.append(bit) }
    self = builder.take()
  }

  /// Words for that many bits.
  @inlinable
  package static func wordCount(_ bits: Int) -> Int { (bits + 63) / 64 }

  @inlinable
  package subscript(index: Int) -> Bool {
    precondition(index >= 0 && index < count)
    return unsafe words.pointer[index >> 6] >> UInt64(index & 63) & 1 != 0
  }

  /// Without a check: `index` must be in `0..<count`.
  @inlinable
  @unsafe package subscript(unchecked index: Int) -> Bool {
    unsafe words.pointer[index >> 6] >> UInt64(index & 63) & 1 != 0
  }

  package var isAllSet: Bool { setCount == count }

  package var bools: [Bool] { (0..<count).map { self[$0] } }

  private static func population(_ words: Buffer<UInt64>, _ count: Int) -> Int {
    let span = words.span
    var total = 0
    for index in 0..<count / 64 { total &+= span[index].nonzeroBitCount }
    if count % 64 != 0 {
      total &+= (span[count / 64] & (1 << UInt64(count % 64) &- 1)).nonzeroBitCount
    }
    return total
  }
}

// MARK: - Logic

extension Bitmap {
  package static func & (left: Bitmap, right: Bitmap) -> Bitmap {
    left.combined(with: right) { $0 & $1 }
  }

  package static func | (left: Bitmap, right: Bitmap) -> Bitmap {
    left.combined(with: right) { $0 | $1 }
  }

  /// The bits of `left` that are not in `right`.
  package static func - (left: Bitmap, right: Bitmap) -> Bitmap {
    left.combined(with: right) { $0 & ~$1 }
  }

  package static prefix func ~ (bitmap: Bitmap) -> Bitmap {
    let source = bitmap.words.span
    let words = Buffer<UInt64>(count: wordCount(bitmap.count)) { output in
      for index in 0..<wordCount(bitmap.count) { output.append(~source[index]) }
    }
    return Bitmap(words: words, count: bitmap.count)
  }

  /// One loop for every pairwise operation.
  @inline(__always)
  private func combined(with other: Bitmap, _ body: (UInt64, UInt64) -> UInt64) -> Bitmap {
    precondition(count == other.count)
    let (left, right) = (words.span, other.words.span)
    let words = Buffer<UInt64>(count: Bitmap.wordCount(count)) { output in
      for index in 0..<Bitmap.wordCount(count) { output.append(body(left[index], right[index])) }
    }
    return Bitmap(words: words, count: count)
  }
}

// MARK: - Parts

extension Bitmap {
  /// The bits of a range, from bit 0 on.
  ///
  /// - Complexity: O(1) at a multiple of 64, else O(range / 64).
  package subscript(range: Range<Int>) -> Bitmap {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let first = range.lowerBound / 64
    let needed = Bitmap.wordCount(range.count)
    let shift = UInt64(range.lowerBound % 64)
    if shift == 0 { return Bitmap(words: words[first..<first + needed], count: range.count) }
    let source = words.span
    let shifted = Buffer<UInt64>(count: needed) { output in
      for index in first..<first + needed {
        let high = index + 1 < source.count ? source[index + 1] << (64 - shift) : 0
        output.append(source[index] >> shift | high)
      }
    }
    return Bitmap(words: shifted, count: range.count)
  }

  /// The positions of the bits that are 1, ascending.
  package func setIndices() -> Buffer<Int32> {
    let source = words.span
    return Buffer(count: setCount) { output in
      for index in 0..<Bitmap.wordCount(count) {
        var word = source[index]
        let rest = count - index * 64
        if rest < 64 { word &= 1 << UInt64(rest) &- 1 }
        while word != 0 {
          output.append(Int32(truncatingIfNeeded: index * 64 &+ word.trailingZeroBitCount))
          word &= word &- 1
        }
      }
    }
  }
}
