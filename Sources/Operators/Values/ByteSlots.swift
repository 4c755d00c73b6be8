import Columnar

/// A growing array of byte strings, each of which can be replaced.
///
/// As long as none was, they stand one after the other, at four bytes beside their own for each.
/// From then on a value that fits into the place of the one before it stays there; what replaced
/// values leave behind is reclaimed when it is half of all.
@safe struct ByteSlots: ~Copyable {
  private struct Slot: BitwiseCopyable {
    var start: Int
    var length: Int32
    var capacity: Int32
  }

  /// Where values end, counted from the start of their block, while none was replaced.
  private var ends = MutableBuffer<UInt32>()
  private var blockStarts = MutableBuffer<Int>()
  /// In place of these from the first replacement on.
  private var slots = MutableBuffer<Slot>()
  private var isPacked = true
  private var bytes = MutableBuffer<UInt8>()
  private var garbage = 0

  private static let blockShift = 12

  var count: Int { isPacked ? ends.count : slots.count }

  var byteCount: Int {
    ends.capacity * 4 + blockStarts.capacity * 8 + slots.capacity * MemoryLayout<Slot>.stride
      + bytes.capacity
  }

  func length(_ index: Int) -> Int { range(index).count }

  @inline(__always)
  private func range(_ index: Int) -> Range<Int> {
    guard isPacked else {
      let slot = slots[index]
      return slot.start..<slot.start + Int(slot.length)
    }
    let start = blockStarts[index >> ByteSlots.blockShift]
    let isFirst = index & (1 << ByteSlots.blockShift - 1) == 0
    return (isFirst ? start : start + Int(ends[index - 1]))..<start + Int(ends[index])
  }

  /// The bytes of one value, in place.
  subscript(index: Int) -> Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let range = range(index)
      // SAFETY: every value is a run of `bytes`.
      let span = unsafe Span(
        _unsafeStart: UnsafePointer(bytes.pointer) + range.lowerBound, count: range.count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  mutating func append(_ value: borrowing Span<UInt8>) {
    bytes.append(contentsOf: value)
    close(length: value.count)
  }

  mutating func appendEmpty(count: Int) {
    for _ in 0..<count { close(length: 0) }
  }

  /// Ends the value whose bytes are the last ones.
  @inline(__always)
  private mutating func close(length: Int) {
    if isPacked {
      if ends.count & (1 << ByteSlots.blockShift - 1) == 0 {
        blockStarts.append(bytes.count - length)
      }
      if let end = UInt32(exactly: bytes.count - blockStarts[blockStarts.count - 1]) {
        return ends.append(end)
      }
      unpack()
    }
    let stored = Int32(length)
    slots.append(Slot(start: bytes.count - length, length: stored, capacity: stored))
  }

  private mutating func unpack() {
    slots.reserve(ends.count)
    for index in 0..<ends.count {
      let range = range(index)
      let length = Int32(range.count)
      slots.append(Slot(start: range.lowerBound, length: length, capacity: length))
    }
    ends = MutableBuffer()
    blockStarts = MutableBuffer()
    isPacked = false
  }

  mutating func replace(_ index: Int, with value: borrowing Span<UInt8>) {
    if isPacked { unpack() }
    var slot = slots[index]
    let length = Int32(value.count)
    if length > slot.capacity {
      garbage += Int(slot.capacity)
      slot = Slot(start: bytes.count, length: length, capacity: length)
      bytes.append(contentsOf: value)
    } else {
      slot.length = length
      for offset in value.indices { bytes[slot.start + offset] = value[offset] }
    }
    slots[index] = slot
    if garbage > 1 << 16, garbage > bytes.count / 2 { compact() }
  }

  private mutating func compact() {
    var compacted = MutableBuffer<UInt8>(capacity: bytes.count - garbage)
    for index in 0..<slots.count {
      let slot = slots[index]
      let start = compacted.count
      compacted.append(contentsOf: self[index])
      slots[index] = Slot(start: start, length: slot.length, capacity: slot.length)
    }
    bytes = compacted
    garbage = 0
  }
}
