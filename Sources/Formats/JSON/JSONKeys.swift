internal import Columnar

/// The keys of an object as the records so far had them, to be compared with those that come.
///
/// Records usually have the same keys in the same order: then to know a key is to compare two
/// words.
struct JSONKeys: ~Copyable {
  /// A key as it stands in the text, quotes included.
  struct Token {
    /// Its first 16 bytes, and which of them there are.
    var head: SIMD2<UInt64>
    var mask: SIMD2<UInt64>
    var length: Int32
    /// Where its bytes are among those of all keys.
    var offset: Int32
    /// The child that is meant; negative when the value is not wanted.
    var child: Int32
  }

  private static let countMax = 1024
  private static let bytesMax = 1 << 16
  private static let searchMax = 64
  private static let indexCount = 256

  private var tokens = MutableBuffer<Token>()
  private var bytes = MutableBuffer<UInt8>()
  /// Where a key was found last, by its hash; may be out of date.
  private var index = MutableBuffer<Int16>()

  var count: Int { tokens.count }

  /// Compares the key at `place` with the one expected in that slot.
  ///
  /// - Returns: the child and the place behind the key; nil when it is another key.
  @inline(__always)
  func match(_ place: JSONCursor, slot: Int) -> (child: Int, end: JSONCursor)? {
    guard slot < tokens.count else { return nil }
    let token = unsafe tokens.pointer + slot
    let first = unsafe (place.word(at: 0) ^ token.pointee.head.x) & token.pointee.mask.x
    let second = unsafe (place.word(at: 8) ^ token.pointee.head.y) & token.pointee.mask.y
    guard first | second == 0 else { return nil }
    let length = unsafe Int(token.pointee.length)
    if length > 16, unsafe !matchesRest(place, token.pointee) { return nil }
    return unsafe (Int(token.pointee.child), place + length)
  }

  /// Word by word, so that nothing is read behind the first difference: the text may end there.
  @inline(never)
  private func matchesRest(_ place: JSONCursor, _ token: Token) -> Bool {
    let length = Int(token.length)
    let start = unsafe UnsafeRawPointer(bytes.pointer) + Int(token.offset)
    var offset = 16
    while offset < length {
      // The last word ends with the key.
      let at = min(offset, length - 8)
      let expected = unsafe start.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      guard place.word(at: at) == expected else { return false }
      offset += 8
    }
    return true
  }

  /// Looks for the key at `place` among those that are expected elsewhere.
  ///
  /// - Returns: its slot.
  mutating func slot(of place: JSONCursor, behind slot: Int) -> Int? {
    let hash = hash(place)
    if index.count == 0 { index.append(repeating: 0, count: JSONKeys.indexCount) }
    let known = Int(index[hash])
    if match(place, slot: known) != nil { return known }
    let count = tokens.count
    let start = slot < count ? slot + 1 : 0
    for step in 0..<min(count, JSONKeys.searchMax) {
      let candidate = start + step < count ? start + step : start + step - count
      if match(place, slot: candidate) != nil {
        index[hash] = Int16(candidate)
        return candidate
      }
    }
    return nil
  }

  /// Below ``indexCount``; the same for the same key.
  private func hash(_ place: JSONCursor) -> Int {
    // With the closing quote, or what else ends the plain part of a longer key.
    let length = (place + 1).stops.trailingZeroBitCount + 2
    let first = (place.word(at: 0) & JSONKeys.mask(length)) &* 0x9E37_79B9_7F4A_7C15
    let second = (place.word(at: 8) & JSONKeys.mask(length - 8)) &* 0xC2B2_AE3D_27D4_EB4F
    let mixed = (first ^ second &+ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 56)
  }

  /// Expects a key in that slot from now on.
  ///
  /// - Returns: whether nothing was forgotten for it.
  mutating func learn(_ place: JSONCursor, length: Int, child: Int, slot: Int) -> Bool {
    guard length <= JSONKeys.bytesMax / 4 else { return false }
    if bytes.count + length > JSONKeys.bytesMax { removeAll() }
    let token = token(place, length: length, child: child)
    unsafe bytes.append(from: place.pointer, count: length)
    if slot >= tokens.count || tokens.count < JSONKeys.searchMax {
      if tokens.count < JSONKeys.countMax {
        insert(token, at: min(slot, tokens.count))
        return true
      }
    }
    tokens[min(slot, tokens.count - 1)] = token
    return false
  }

  private mutating func insert(_ token: Token, at slot: Int) {
    tokens.append(token)
    var index = tokens.count - 1
    while index > slot {
      tokens[index] = tokens[index - 1]
      index -= 1
    }
    tokens[slot] = token
  }

  private mutating func removeAll() {
    tokens.removeAll()
    bytes.removeAll()
  }

  private func token(_ place: JSONCursor, length: Int, child: Int) -> Token {
    let mask = SIMD2(JSONKeys.mask(length), JSONKeys.mask(length - 8))
    return Token(
      head: SIMD2(place.word(at: 0), place.word(at: 8)) & mask, mask: mask, length: Int32(length),
      offset: Int32(bytes.count), child: Int32(child))
  }

  /// The lowest `count` bytes of a word.
  private static func mask(_ count: Int) -> UInt64 {
    if count <= 0 { return 0 }
    return count >= 8 ? ~0 : 1 << UInt64(count * 8) - 1
  }
}
