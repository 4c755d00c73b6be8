import Columnar

/// The values of one argument by row: those of a column, or one for all rows.
///
/// Pointers beside the buffer that keeps them alive: reading a row costs no reference count.
@safe
struct Lane<Element: BitwiseCopyable> {
  let values: Buffer<Element>
  let isConstant: Bool
  private let pointer: UnsafePointer<Element>
  /// All ones, or zeros where every row is row 0.
  private let mask: Int

  init(_ values: Buffer<Element>, isConstant: Bool) {
    self.values = values
    self.isConstant = isConstant
    unsafe pointer = values.pointer
    mask = isConstant ? 0 : -1
  }

  // SAFETY: `Arguments.init` has checked that every vector has a slot for each row.
  @inline(__always)
  subscript(row: Int) -> Element { unsafe pointer[row & mask] }

  func reaches(_ count: Int) -> Bool { values.count >= (isConstant ? min(1, count) : count) }
}

/// The texts of one argument by row.
@safe
struct StringLane {
  let strings: ByteStrings
  let isConstant: Bool
  private let offsets: UnsafePointer<Int32>
  private let start: UnsafePointer<UInt8>
  private let mask: Int

  init(_ strings: ByteStrings, isConstant: Bool) {
    self.strings = strings
    self.isConstant = isConstant
    unsafe offsets = strings.offsets.pointer
    unsafe start = strings.bytes.pointer
    mask = isConstant ? 0 : -1
  }

  // SAFETY: as above; offsets stay inside the bytes by the contract of ByteStrings.
  @inline(__always)
  subscript(row: Int) -> Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let slot = row & mask
      let (first, end) = unsafe (Int(offsets[slot]), Int(offsets[slot &+ 1]))
      let span = unsafe Span(_unsafeStart: start + first, count: end &- first)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  @inline(__always)
  func length(_ row: Int) -> Int {
    let slot = row & mask
    return unsafe Int(offsets[slot &+ 1]) &- Int(offsets[slot])
  }

  func bytes(_ row: Int) -> [UInt8] { strings.bytes[strings.range(row & mask)].elements }

  func string(_ row: Int) -> String { strings.string(row & mask) }
}

/// The lists of one argument by row.
struct ListLane {
  let offsets: Lane<Int32>
  let elements: Column
  private let mask: Int

  init(offsets: Buffer<Int32>, elements: Column, isConstant: Bool) {
    self.offsets = Lane(offsets, isConstant: false)
    self.elements = elements
    mask = isConstant ? 0 : -1
  }

  /// Where the elements of a row's list stand in `elements`.
  @inline(__always)
  subscript(row: Int) -> Range<Int> {
    let slot = row & mask
    return Int(offsets[slot])..<Int(offsets[slot &+ 1])
  }
}

/// The bits of a bitmap, without checks.
@safe
struct BitLane {
  private let bitmap: Bitmap
  private let words: UnsafePointer<UInt64>

  init(_ bitmap: Bitmap) {
    self.bitmap = bitmap
    unsafe words = bitmap.words.pointer
  }

  // SAFETY: the bitmap has a bit for each row.
  @inline(__always)
  subscript(row: Int) -> Bool {
    unsafe words[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1 != 0
  }
}

extension MutableBuffer<UInt8> {
  /// As `append(contentsOf:)`, for texts that are mostly short.
  @inline(__always)
  mutating func append(short text: Span<UInt8>) {
    let count = text.count
    guard count > 0 else { return }
    reserve(count)
    // SAFETY: 64 bytes may be read behind the end of a column's bytes and written behind the
    // capacity of a buffer (`Memory.slack`); constants and builders live in such memory too.
    unsafe text.withUnsafeBytes { source in
      guard let from = source.baseAddress else { return }
      let target = unsafe UnsafeMutableRawPointer(pointer) + self.count
      if count <= 32 {
        let first = unsafe from.loadUnaligned(as: SIMD16<UInt8>.self)
        unsafe target.storeBytes(of: first, as: SIMD16<UInt8>.self)
        if count > 16 {
          let second = unsafe from.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
          unsafe target.storeBytes(of: second, toByteOffset: 16, as: SIMD16<UInt8>.self)
        }
      } else {
        unsafe target.copyMemory(from: from, byteCount: count)
      }
    }
    unsafe setCount(self.count &+ count)
  }

  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      for offset in bytes.indices { unsafe append(bytes[offset]) }
    }
  }
}
