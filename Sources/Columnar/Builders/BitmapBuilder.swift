/// Collects bits one by one or in runs.
@usableFromInline package struct BitmapBuilder: ~Copyable {
  @usableFromInline var words: MutableBuffer<UInt64>
  @usableFromInline var current: UInt64 = 0
  @usableFromInline var storedCount = 0

  package init(capacity: Int = 0) { words = MutableBuffer(capacity: Bitmap.wordCount(capacity)) }

  @inlinable package var count: Int { storedCount }

  @inlinable
  package mutating func append(_ bit: Bool) {
    current |= (bit ? 1 : 0) << UInt64(truncatingIfNeeded: storedCount & 63)
    storedCount &+= 1
    if storedCount & 63 == 0 {
      words.append(current)
      current = 0
    }
  }

  package mutating func append(repeating bit: Bool, count: Int) {
    var rest = count
    while rest > 0, storedCount & 63 != 0 {
      append(bit)
      rest -= 1
    }
    words.append(repeating: bit ? ~0 : 0, count: rest / 64)
    storedCount += rest / 64 * 64
    for _ in 0..<rest % 64 { append(bit) }
  }

  /// Appends the lowest bits of a word.
  ///
  /// - Parameter count: of bits, 0...63.
  package mutating func append(bits: UInt64, count: Int) {
    let masked = bits & (1 << UInt64(count) &- 1)
    let filled = storedCount & 63
    current |= masked << UInt64(filled)
    storedCount &+= count
    if filled &+ count >= 64 {
      words.append(current)
      // A shift by 64 leaves nothing.
      current = masked >> UInt64(64 &- filled)
    }
  }

  package mutating func append(contentsOf bitmap: Bitmap) {
    if storedCount & 63 == 0 {
      let whole = bitmap.count / 64
      words.append(contentsOf: bitmap.words[0..<whole].span)
      storedCount += whole * 64
      for index in whole * 64..<bitmap.count { append(bitmap[index]) }
    } else {
      for index in 0..<bitmap.count { append(bitmap[index]) }
    }
  }

  /// The bits so far, leaving an empty builder behind.
  package mutating func take() -> Bitmap {
    if storedCount & 63 != 0 { words.append(current) }
    let bitmap = Bitmap(words: words.take(), count: storedCount)
    current = 0
    storedCount = 0
    return bitmap
  }
}

/// A validity bitmap that costs nothing until the first null.
@usableFromInline package struct ValidityBuilder: ~Copyable {
  @usableFromInline var bits = BitmapBuilder()
  @usableFromInline var pendingValid = 0

  package init() {}

  @inlinable package var count: Int { bits.count &+ pendingValid }

  @inlinable
  package mutating func appendValid() {
    pendingValid &+= 1
  }

  @inlinable
  package mutating func appendValid(count: Int) {
    pendingValid &+= count
  }

  package mutating func appendNull() {
    bits.append(repeating: true, count: pendingValid)
    pendingValid = 0
    bits.append(false)
  }

  package mutating func append(_ isValid: Bool) {
    if isValid { appendValid() } else { appendNull() }
  }

  /// - Returns: nil when there was no null.
  package mutating func take() -> Bitmap? {
    let hasNulls = bits.count > 0
    if hasNulls { bits.append(repeating: true, count: pendingValid) }
    pendingValid = 0
    return hasNulls ? bits.take() : nil
  }
}
