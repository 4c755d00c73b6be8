import CKernels
import Columnar

/// Distinct words of 64 bits, numbered densely in the order of their first appearance.
///
/// The key stands in the slot itself, so that a look-up touches one line.
@safe struct WordKeyTable: ~Copyable {
  private struct Slot: BitwiseCopyable {
    var key: Int64
    /// The key's number, from 1; 0 where there is none.
    var ordinal: Int64
  }

  private var slots: MutableBuffer<Slot>
  private var slotMask: Int
  /// By number.
  private var keys = MutableBuffer<Int64>()
  private var nullNumber: Int32 = -1
  private var seeds = HashSeeds.fixed
  private var hashes = MutableBuffer<UInt32>(capacity: KeyScratch.rows)
  private var longestProbe = 0

  init() {
    slotMask = 255
    slots = MutableBuffer(capacity: slotMask + 1)
    slots.append(repeating: Slot(key: 0, ordinal: 0), count: slotMask + 1)
  }

  var count: Int { keys.count }

  /// What was allocated.
  var byteCount: Int { slots.capacity * MemoryLayout<Slot>.stride + keys.capacity * 8 }

  /// The number of each row's key; a null is a key of its own.
  ///
  /// - Parameter numbers: gets one value a row.
  mutating func number(
    _ words: Buffer<Int64>, validity: Bitmap?, into numbers: inout MutableBuffer<Int32>
  ) {
    forEachRun(words) { table, start, words in
      if let validity {
        table.number(words, &numbers) { !validity[start &+ $0] }
      } else {
        table.number(words, &numbers) { _ in false }
      }
      if table.longestProbe > HashSeeds.longestProbe { table.reseed() }
    }
  }

  /// The number of each row's key; -1 for one that is not there.
  ///
  /// - Parameter numbers: gets one value a row.
  mutating func find(
    _ words: Buffer<Int64>, validity: Bitmap?, into numbers: inout MutableBuffer<Int32>
  ) {
    forEachRun(words) { table, _, words in table.find(words, &numbers) }
    guard let validity else { return }
    let first = numbers.count - words.count
    for row in 0..<words.count where !validity[row] { numbers[first + row] = nullNumber }
  }

  /// Calls `body` with some rows at a time, whose hashes are known and whose lines were asked for.
  @inline(__always)
  private mutating func forEachRun(
    _ words: Buffer<Int64>, _ body: (inout WordKeyTable, _ start: Int, Buffer<Int64>) -> Void
  ) {
    var start = 0
    while start < words.count {
      let rows = start..<min(start + KeyScratch.rows, words.count)
      hash(words[rows])
      if slots.count * MemoryLayout<Slot>.stride > KeyScratch.cachedBytes { prefetch(rows.count) }
      body(&self, start, words[rows])
      start = rows.upperBound
    }
  }

  /// The keys of these numbers, null where the key is.
  func keys(of numbers: borrowing Span<Int32>) -> (Buffer<Int64>, Bitmap?) {
    var validity = ValidityBuilder()
    let words = Buffer<Int64>(count: numbers.count) { output in
      for index in numbers.indices {
        validity.append(numbers[index] != nullNumber)
        output.append(keys[Int(numbers[index])])
      }
    }
    return (words, validity.take())
  }
}

// MARK: - Phases of a look-up

// SAFETY of every pointer below: `hashes` has room for `KeyScratch.rows`, `numbers` for all rows;
// slots are indexed through `slotMask`.

extension WordKeyTable {
  private mutating func hash(_ words: Buffer<Int64>) {
    let (seeds, hashes) = unsafe (seeds, hashes.pointer)
    let words = words.span
    for index in words.indices {
      unsafe hashes[index] = seeds.hash(UInt64(bitPattern: words[index]), 0)
    }
  }

  private func prefetch(_ count: Int) {
    let (slots, hashes, mask) = unsafe (slots.pointer, hashes.pointer, slotMask)
    for index in 0..<count { unsafe kernel_prefetch(slots + (Int(hashes[index]) & mask)) }
  }

  @inline(__always)
  private mutating func number(
    _ words: Buffer<Int64>, _ numbers: inout MutableBuffer<Int32>, isNull: (Int) -> Bool
  ) {
    numbers.reserve(words.count)
    let (words, hashes, count) = unsafe (words.pointer, hashes.pointer, words.count)
    let output = unsafe numbers.pointer + numbers.count
    var index = 0
    while index < count {
      // Inserting may move the slots, so the pointer is taken anew behind it.
      let (slots, mask) = unsafe (slots.pointer, slotMask)
      while index < count {
        let slot = unsafe slots[Int(hashes[index]) & mask]
        guard unsafe slot.key == words[index], slot.ordinal != 0, !isNull(index) else { break }
        unsafe output[index] = Int32(truncatingIfNeeded: slot.ordinal &- 1)
        index &+= 1
      }
      guard index < count else { break }
      unsafe output[index] =
        isNull(index) ? numberOfNull() : unsafe locate(words[index], hashes[index])
      index &+= 1
    }
    unsafe numbers.setCount(numbers.count + count)
  }

  /// Walks on from the home slots.
  private func find(_ words: Buffer<Int64>, _ numbers: inout MutableBuffer<Int32>) {
    numbers.reserve(words.count)
    let (words, hashes, count) = unsafe (words.pointer, hashes.pointer, words.count)
    let (slots, mask) = unsafe (slots.pointer, slotMask)
    for index in 0..<count {
      let key = unsafe words[index]
      var position = unsafe Int(hashes[index]) & mask
      var slot = unsafe slots[position]
      while slot.key != key && slot.ordinal != 0 {
        position = (position &+ 1) & mask
        slot = unsafe slots[position]
      }
      // Of an empty slot: -1.
      unsafe numbers.appendUnchecked(Int32(truncatingIfNeeded: slot.ordinal &- 1))
    }
  }

  private mutating func numberOfNull() -> Int32 {
    if nullNumber < 0 {
      nullNumber = Int32(truncatingIfNeeded: keys.count)
      keys.append(0)
    }
    return nullNumber
  }

  /// Walks on from the home slot; a key that is not there is added.
  @inline(never)
  private mutating func locate(_ key: Int64, _ hash: UInt32) -> Int32 {
    var position = Int(hash) & slotMask
    var steps = 0
    while slots[position].ordinal != 0 {
      if slots[position].key == key {
        return Int32(truncatingIfNeeded: slots[position].ordinal - 1)
      }
      position = (position + 1) & slotMask
      steps += 1
    }
    longestProbe = max(longestProbe, steps)
    keys.append(key)
    slots[position] = Slot(key: key, ordinal: Int64(keys.count))
    if keys.count * 2 > slots.count { rebuild(slotCount: slots.count * 2) }
    return Int32(truncatingIfNeeded: keys.count - 1)
  }
}

// MARK: - Growing

extension WordKeyTable {
  private mutating func rebuild(slotCount: Int) {
    slotMask = slotCount - 1
    slots = MutableBuffer(capacity: slotCount)
    slots.append(repeating: Slot(key: 0, ordinal: 0), count: slotCount)
    for number in 0..<keys.count where number != Int(nullNumber) {
      let key = keys[number]
      var position = Int(seeds.hash(UInt64(bitPattern: key), 0)) & slotMask
      while slots[position].ordinal != 0 { position = (position + 1) & slotMask }
      slots[position] = Slot(key: key, ordinal: Int64(number + 1))
    }
  }

  /// See ``ByteKeyTable``.
  private mutating func reseed() {
    seeds = .random()
    rebuild(slotCount: slots.count)
    longestProbe = 0
  }
}
