import Columnar

/// A growing array of byte strings, each of which can be replaced.
///
/// A value that fits into the place of the one before it stays there; what replaced values leave
/// behind is reclaimed when it is half of all.
@safe struct ByteSlots: ~Copyable {
  private struct Slot: BitwiseCopyable {
    var start: Int
    var length: Int32
    var capacity: Int32
  }

  private var slots = MutableBuffer<Slot>()
  private var bytes = MutableBuffer<UInt8>()
  private var garbage = 0

  var count: Int { slots.count }

  var byteCount: Int { slots.capacity * MemoryLayout<Slot>.stride + bytes.capacity }

  func length(_ index: Int) -> Int { Int(slots[index].length) }

  /// The bytes of one value, in place.
  subscript(index: Int) -> Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let slot = slots[index]
      // SAFETY: every slot names a run of `bytes`.
      let span = unsafe Span(
        _unsafeStart: UnsafePointer(bytes.pointer) + slot.start, count: Int(slot.length))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  mutating func append(_ value: borrowing Span<UInt8>) {
    let length = Int32(value.count)
    slots.append(Slot(start: bytes.count, length: length, capacity: length))
    bytes.append(contentsOf: value)
  }

  mutating func appendEmpty(count: Int) {
    slots.append(repeating: Slot(start: 0, length: 0, capacity: 0), count: count)
  }

  mutating func replace(_ index: Int, with value: borrowing Span<UInt8>) {
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
