import CKernels
import Columnar

/// Distinct byte strings, numbered densely in the order of their first appearance.
///
/// Two arrays: a slot holds a hash and an entry's number in 8 bytes, an entry holds a key of up to
/// 15 bytes itself, so that most look-ups touch one line of each; longer keys stand in an arena.
/// Since slots keep the hash, growing reads no key, and since numbers follow the first appearance
/// alone, nothing that comes out depends on the hash.
@safe struct ByteKeyTable: ~Copyable {
  /// Linear probing over a power of two; high half: the hash; low half: an index into `entries`, 0
  /// where there is none.
  private var slots: MutableBuffer<UInt64>
  private var slotMask: Int
  /// Entry 0 stands for "none" and equals no key.
  private var entries = MutableBuffer<KeyEntry>(capacity: 64)
  private var arena = MutableBuffer<UInt8>()
  private var seeds = HashSeeds.fixed
  private var scratch = KeyScratch()
  private var longestProbe = 0

  init() {
    slotMask = 255
    slots = MutableBuffer(capacity: slotMask + 1)
    slots.append(repeating: 0, count: slotMask + 1)
    entries.append(.none)
  }

  var count: Int { entries.count - 1 }

  /// What was allocated.
  var byteCount: Int {
    slots.capacity * 8 + entries.capacity * MemoryLayout<KeyEntry>.stride + arena.capacity
  }

  /// What look-ups reach.
  private var usedByteCount: Int {
    slots.count * 8 + entries.count * MemoryLayout<KeyEntry>.stride + arena.count
  }

  /// The number of each row's key; a null is a key of its own.
  ///
  /// - Parameter numbers: gets one value a row.
  mutating func number(
    _ keys: ByteStrings, validity: Bitmap?, into numbers: inout MutableBuffer<Int32>
  ) {
    numbers.reserve(keys.count)
    forEachRun(keys, validity) { table, count in
      if table.usedByteCount > KeyScratch.cachedBytes { table.prefetchEntries(count) }
      table.number(count, keys.bytes, &numbers)
      if table.longestProbe > HashSeeds.longestProbe { table.reseed() }
    }
  }

  /// The number of each row's key; -1 for one that is not there.
  ///
  /// - Parameter numbers: gets one value a row.
  mutating func find(
    _ keys: ByteStrings, validity: Bitmap?, into numbers: inout MutableBuffer<Int32>
  ) {
    numbers.reserve(keys.count)
    forEachRun(keys, validity) { table, count in
      table.findCandidates(count)
      table.check(count, keys.bytes, &numbers)
    }
  }

  /// Calls `body` with some rows at a time, whose keys are in `scratch`. The lines of a large table's
  /// slots have been asked for.
  @inline(__always)
  private mutating func forEachRun(
    _ keys: ByteStrings, _ validity: Bitmap?, _ body: (inout ByteKeyTable, _ count: Int) -> Void
  ) {
    var start = 0
    while start < keys.count {
      let rows = start..<min(start + KeyScratch.rows, keys.count)
      if usedByteCount > KeyScratch.cachedBytes {
        hash(keys, validity, rows, prefetching: true)
      } else {
        hash(keys, validity, rows, prefetching: false)
      }
      body(&self, rows.count)
      start = rows.upperBound
    }
  }

  /// The keys of these numbers, null where the key is.
  func keys(of numbers: borrowing Span<Int32>) -> (ByteStrings, Bitmap?) {
    var strings = ByteStringsBuilder(capacity: numbers.count)
    var validity = ValidityBuilder()
    for index in numbers.indices {
      let number = Int(numbers[index])
      precondition(number >= 0 && number < count)
      validity.append(!entries[number + 1].isNull)
      append(number, to: &strings)
    }
    return (strings.take(), validity.take())
  }

  func keyLength(of number: Int) -> Int {
    let entry = entries[number + 1]
    if entry.isLong { return entry.longLength }
    return entry.isNull ? 0 : entry.shortLength
  }

  private func append(_ number: Int, to strings: inout ByteStringsBuilder) {
    var entry = entries[number + 1]
    if entry.isLong {
      // SAFETY: a long entry names a run of the arena.
      unsafe strings.append(from: arena.pointer + Int(entry.low), count: entry.longLength)
    } else {
      let length = entry.isNull ? 0 : entry.shortLength
      // SAFETY: a short key lies in the entry's own 16 bytes.
      unsafe withUnsafeBytes(of: &entry) { bytes in
        unsafe strings.append(
          from: bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), count: length)
      }
    }
  }
}

// MARK: - Phases of a look-up

// SAFETY of every pointer below: `scratch` has room for `KeyScratch.rows`, `numbers` for all rows;
// slots are indexed through `slotMask`, entries by what slots hold; a key's first 16 bytes may be
// read whatever its length, by the slack behind every buffer.

extension ByteKeyTable {
  @inline(__always)
  private mutating func hash(
    _ keys: ByteStrings, _ validity: Bitmap?, _ rows: Range<Int>, prefetching: Bool
  ) {
    let (slots, mask) = unsafe (slots.pointer, slotMask)
    let (seeds, scratchKeys, hashes) = unsafe (seeds, scratch.keys.pointer, scratch.hashes.pointer)
    let (offsets, bytes) = unsafe (keys.offsets.pointer, keys.bytes.pointer)
    var start = unsafe Int(offsets[rows.lowerBound])
    for row in rows {
      let end = unsafe Int(offsets[row &+ 1])
      let length = end &- start
      let index = row &- rows.lowerBound
      if length <= KeyEntry.longestShort {
        let key = unsafe KeyEntry(short: bytes + start, length)
        unsafe scratchKeys[index] = key
        let hash = seeds.hash(key.low, key.high)
        unsafe hashes[index] = hash
        if prefetching { unsafe kernel_prefetch(slots + (Int(hash) & mask)) }
      } else {
        let hash = unsafe seeds.hash(bytes + start, length)
        unsafe scratchKeys[index] = KeyEntry(longAt: start, length, hash)
        unsafe hashes[index] = UInt32(truncatingIfNeeded: hash)
        if prefetching { unsafe kernel_prefetch(slots + (Int(hash & 0xFFFF_FFFF) & mask)) }
      }
      start = end
    }
    if let validity { unsafe markNulls(validity, rows, scratchKeys, hashes) }
  }

  private func markNulls(
    _ validity: Bitmap, _ rows: Range<Int>, _ keys: UnsafeMutablePointer<KeyEntry>,
    _ hashes: UnsafeMutablePointer<UInt32>
  ) {
    for row in rows where !validity[row] {
      unsafe keys[row - rows.lowerBound] = .null
      unsafe hashes[row - rows.lowerBound] = seeds.hash(KeyEntry.null.low, KeyEntry.null.high)
    }
  }

  /// Asks for the lines of the entries that stand in the home slots.
  private mutating func prefetchEntries(_ count: Int) {
    let (slots, entries, hashes) = unsafe (
      slots.pointer, entries.pointer, scratch.hashes.pointer
    )
    let mask = slotMask
    for index in 0..<count {
      let slot = unsafe slots[Int(hashes[index]) & mask]
      unsafe kernel_prefetch(entries + Int(slot & 0xFFFF_FFFF))
    }
  }

  @inline(__always)
  private mutating func number(
    _ count: Int, _ bytes: Buffer<UInt8>, _ numbers: inout MutableBuffer<Int32>
  ) {
    let (keys, hashes) = unsafe (scratch.keys.pointer, scratch.hashes.pointer)
    let output = unsafe numbers.pointer + numbers.count
    var index = 0
    while index < count {
      // Inserting may move both arrays, so the pointers are taken anew behind it.
      let (slots, entries, mask) = unsafe (slots.pointer, entries.pointer, slotMask)
      while index < count {
        let key = unsafe keys[index]
        let slot = unsafe slots[Int(hashes[index]) & mask]
        // Most keys that are new, or stand elsewhere, are known by the hash: no entry is touched.
        guard unsafe UInt32(truncatingIfNeeded: slot &>> 32) == hashes[index] else { break }
        let candidate = Int(slot & 0xFFFF_FFFF)
        let entry = unsafe entries[candidate]
        guard entry.high == key.high,
          unsafe entry.low == key.low
            || key.isLong && matchesLong(entry, key, bytes.pointer)
        else { break }
        unsafe output[index] = Int32(truncatingIfNeeded: candidate &- 1)
        index &+= 1
      }
      guard index < count else { break }
      unsafe output[index] = locate(keys[index], hashes[index], bytes.pointer)
      index &+= 1
    }
    unsafe numbers.setCount(numbers.count + count)
  }

  @inline(__always)
  private func matchesLong(
    _ entry: KeyEntry, _ key: KeyEntry, _ bytes: UnsafePointer<UInt8>
  ) -> Bool {
    unsafe equalBytes(arena.pointer + Int(entry.low), bytes + key.sourceStart, key.longLength)
  }

  /// Walks on from the home slot; a key that is not there is added.
  @inline(never)
  private mutating func locate(
    _ key: KeyEntry, _ hash: UInt32, _ bytes: UnsafePointer<UInt8>
  ) -> Int32 {
    var position = Int(hash) & slotMask
    var steps = 0
    while let candidate = number(at: position) {
      if unsafe holds(position, key, hash, bytes) {
        return Int32(truncatingIfNeeded: candidate)
      }
      position = (position + 1) & slotMask
      steps += 1
    }
    longestProbe = max(longestProbe, steps)
    slots[position] = UInt64(hash) << 32 | UInt64(entries.count)
    unsafe add(key, bytes)
    if entries.count * 2 > slots.count { grow() }
    return Int32(truncatingIfNeeded: count - 1)
  }

  /// The number of the key in a slot; nil in an empty one.
  @inline(__always)
  private func number(at position: Int) -> Int? {
    let slot = slots[position]
    return slot == 0 ? nil : Int(slot & 0xFFFF_FFFF) - 1
  }

  /// Whether the key in a slot that is not empty is this one.
  @inline(__always)
  private func holds(
    _ position: Int, _ key: KeyEntry, _ hash: UInt32, _ bytes: UnsafePointer<UInt8>
  ) -> Bool {
    let slot = slots[position]
    guard UInt32(truncatingIfNeeded: slot >> 32) == hash else { return false }
    let entry = entries[Int(slot & 0xFFFF_FFFF)]
    guard entry.high == key.high else { return false }
    return unsafe entry.low == key.low || key.isLong && matchesLong(entry, key, bytes)
  }

  private mutating func add(_ key: KeyEntry, _ bytes: UnsafePointer<UInt8>) {
    guard key.isLong else { return entries.append(key) }
    entries.append(KeyEntry(low: UInt64(arena.count), high: key.high))
    unsafe arena.append(from: bytes + key.sourceStart, count: key.longLength)
  }
}

// MARK: - Looking up

extension ByteKeyTable {
  /// For each row the first entry of its hash, which is its key's, but for two keys in four thousand
  /// million; 0 where there is none. Its line is asked for.
  ///
  /// Most stand in their home slots: these are looked at without a branch that could be guessed wrong.
  private mutating func findCandidates(_ count: Int) {
    let (slots, mask, entries) = unsafe (slots.pointer, slotMask, entries.pointer)
    let (hashes, candidates) = unsafe (scratch.hashes.pointer, scratch.candidates.pointer)
    let displaced = unsafe scratch.displaced.pointer
    var displacedCount = 0
    for index in 0..<count {
      let hash = unsafe hashes[index]
      let slot = unsafe slots[Int(hash) & mask]
      let isOther = UInt32(truncatingIfNeeded: slot &>> 32) != hash
      let candidate = isOther ? 0 : UInt32(truncatingIfNeeded: slot)
      unsafe candidates[index] = candidate
      unsafe kernel_prefetch(entries + Int(candidate))
      unsafe displaced[displacedCount] = UInt16(truncatingIfNeeded: index)
      displacedCount &+= isOther && slot != 0 ? 1 : 0
    }
    for place in 0..<displacedCount {
      let index = unsafe Int(displaced[place])
      let hash = unsafe hashes[index]
      var position = (Int(hash) &+ 1) & mask
      var slot = unsafe slots[position]
      while slot != 0 && UInt32(truncatingIfNeeded: slot &>> 32) != hash {
        position = (position &+ 1) & mask
        slot = unsafe slots[position]
      }
      let candidate = UInt32(truncatingIfNeeded: slot)
      unsafe candidates[index] = candidate
      unsafe kernel_prefetch(entries + Int(candidate))
    }
    if arena.count > 0 { prefetchLong(count) }
  }

  /// Asks for the bytes of candidates that are long.
  private mutating func prefetchLong(_ count: Int) {
    let (entries, candidates) = unsafe (entries.pointer, scratch.candidates.pointer)
    for index in 0..<count {
      let candidate = unsafe Int(candidates[index])
      let entry = unsafe entries[candidate]
      if candidate > 0, entry.isLong { unsafe kernel_prefetch(arena.pointer + Int(entry.low)) }
    }
  }

  /// Compares the rows' keys with the candidates.
  private mutating func check(
    _ count: Int, _ bytes: Buffer<UInt8>, _ numbers: inout MutableBuffer<Int32>
  ) {
    let (keys, entries) = unsafe (scratch.keys.pointer, entries.pointer)
    let (hashes, candidates) = unsafe (scratch.hashes.pointer, scratch.candidates.pointer)
    for index in 0..<count {
      let (key, candidate) = unsafe (keys[index], candidates[index])
      let entry = unsafe entries[Int(candidate)]
      var number = Int32(bitPattern: candidate) &- 1
      if candidate != 0,
        unsafe entry.high != key.high
          || entry.low != key.low && !(key.isLong && matchesLong(entry, key, bytes.pointer))
      {
        number = unsafe search(key, hashes[index], bytes.pointer)
      }
      unsafe numbers.appendUnchecked(number)
    }
  }

  /// Walks on from the home slot, past other keys of the same hash.
  ///
  /// - Returns: -1 for a key that is not there.
  @inline(never)
  private func search(_ key: KeyEntry, _ hash: UInt32, _ bytes: UnsafePointer<UInt8>) -> Int32 {
    var position = Int(hash) & slotMask
    while let candidate = number(at: position) {
      if unsafe holds(position, key, hash, bytes) {
        return Int32(truncatingIfNeeded: candidate)
      }
      position = (position + 1) & slotMask
    }
    return -1
  }
}

// MARK: - Growing

extension ByteKeyTable {
  private mutating func grow() {
    let old = slots.take()
    clear(slotCount: old.count * 2)
    let source = old.span
    for index in source.indices where source[index] != 0 { place(source[index]) }
  }

  /// Who knows the seeds can choose keys that share a slot. Seeds nobody knows end that; numbers do
  /// not depend on them.
  private mutating func reseed() {
    seeds = .random()
    clear(slotCount: slots.count)
    for index in 1..<entries.count {
      var entry = entries[index]
      var hash = seeds.hash(entry.low, entry.high)
      if entry.isLong {
        let long = unsafe seeds.hash(arena.pointer + Int(entry.low), entry.longLength)
        entry.high = KeyEntry(longAt: 0, entry.longLength, long).high
        entries[index] = entry
        hash = UInt32(truncatingIfNeeded: long)
      }
      place(UInt64(hash) << 32 | UInt64(index))
    }
    longestProbe = 0
  }

  private mutating func clear(slotCount: Int) {
    slotMask = slotCount - 1
    slots = MutableBuffer(capacity: slotCount)
    slots.append(repeating: 0, count: slotCount)
  }

  private mutating func place(_ slot: UInt64) {
    var position = Int(slot >> 32) & slotMask
    while slots[position] != 0 { position = (position + 1) & slotMask }
    slots[position] = slot
  }
}
