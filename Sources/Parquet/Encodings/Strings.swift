import CKernels
import Columnar

/// The values that the pages of a chunk refer to.
struct Dictionary: Sendable {
  let values: Column
  /// Of the longest string; 1 for other values.
  let longestByteCount: Int

  init(_ values: Column) {
    self.values = values
    var longest = 1
    if case .bytes(let strings) = values.storage {
      for index in 0..<strings.count { longest = max(longest, strings.length(index)) }
    }
    longestByteCount = longest
  }
}

/// Strings behind their lengths of 4 bytes.
struct PlainStrings {
  private let bytes: Buffer<UInt8>
  private var place = 0

  init(_ bytes: Buffer<UInt8>) { self.bytes = bytes }

  /// How many of the next strings take no more bytes: one at least, and all where fewer are left.
  func count(upTo count: Int, within byteCount: Int) -> Int {
    guard bytes.count - place > byteCount else { return count }
    var (from, total) = (place, 0)
    for index in 0..<count {
      guard let length = Buffer<UInt32>(bytes, byteOffset: from, count: 1)?[0] else { break }
      total += Int(length)
      from += 4 + Int(length)
      if total > byteCount { return max(1, index) }
    }
    return count
  }

  mutating func next(_ count: Int) throws(ParquetError) -> ByteStrings {
    var (from, total, isWhole) = (place, 0, true)
    // SAFETY: a length is read where 4 bytes are left, or in the slack and then not believed.
    let source = unsafe UnsafeRawPointer(bytes.pointer)
    let end = bytes.count
    let offsets = Buffer<Int32>(count: count + 1) { output in
      output.append(0)
      for _ in 0..<count {
        let length = unsafe Int((source + from).loadUnaligned(as: UInt32.self))
        guard length <= end &- from &- 4 else {
          isWhole = false
          break
        }
        from &+= 4 &+ length
        total &+= length
        output.append(Int32(truncatingIfNeeded: total))
      }
    }
    guard isWhole, total <= Int(Int32.max) else {
      throw .truncated("a page ends in the middle of its strings")
    }
    let copied = unsafe copy(bytes.pointer + place, offsets, total)
    place = from
    return ByteStrings(offsets: offsets, bytes: copied)
  }

  // SAFETY: strings of these lengths lie one after the other behind `first`, each with 4 bytes
  // before it; both sides have slack for whole vectors.
  @unsafe
  private func copy(
    _ first: UnsafePointer<UInt8>, _ offsets: Buffer<Int32>, _ total: Int
  ) -> Buffer<UInt8> {
    let memory = Memory(byteCount: total)
    guard let start = unsafe memory.mutableBytes.bindMemory(to: UInt8.self).baseAddress else {
      return Buffer()
    }
    var source = unsafe first + 4
    let places = unsafe offsets.pointer
    for index in 0..<offsets.count &- 1 {
      let from = unsafe Int(places[index])
      let length = unsafe Int(places[index &+ 1]) &- from
      let target = unsafe start + from
      unsafe kernel_copy_16(target, source)
      if length > 16 {
        if length > 64 {
          unsafe target.update(from: source, count: length)
        } else {
          unsafe kernel_copy_16(target + 16, source + 16)
          unsafe kernel_copy_16(target + 32, source + 32)
          unsafe kernel_copy_16(target + 48, source + 48)
        }
      }
      unsafe source += length &+ 4
    }
    return memory.bytes
  }
}

/// All lengths, then all bytes.
struct DeltaLengthStrings {
  private let bytes: Buffer<UInt8>
  private var lengths: DeltaDecoder
  private var place: Int

  init(_ bytes: Buffer<UInt8>, at start: Int, limit: Int) throws(ParquetError) {
    self.bytes = bytes
    lengths = try DeltaDecoder(bytes, at: start, limit: limit)
    var probe = lengths
    try probe.skipAll()
    place = probe.position
  }

  /// As ``PlainStrings/count(upTo:within:)``.
  func count(upTo count: Int, within byteCount: Int) throws(ParquetError) -> Int {
    guard bytes.count - place > byteCount else { return count }
    let known = min(count, lengths.left)
    let ends = try peekOffsets(known)
    for index in 0..<known where ends[index + 1] > byteCount { return max(1, index) }
    return count
  }

  /// Where the next strings begin and end; they are not taken yet.
  ///
  /// - Parameter count: no more than are left.
  func peekOffsets(_ count: Int) throws(ParquetError) -> Buffer<Int32> {
    var probe = lengths
    return try probe.offsets(count)
  }

  /// How many strings are left.
  var left: Int { lengths.left }

  mutating func next(_ count: Int) throws(ParquetError) -> ByteStrings {
    let offsets = try lengths.offsets(count)
    let total = Int(offsets[count])
    guard total <= bytes.count - place else {
      throw .truncated("a page ends in the middle of its strings")
    }
    defer { place += total }
    return ByteStrings(offsets: offsets, bytes: bytes[place..<place + total])
  }
}

extension DeltaDecoder {
  /// The next numbers as lengths of values that stand one after the other.
  fileprivate mutating func offsets(_ count: Int) throws(ParquetError) -> Buffer<Int32> {
    let lengths = try numbers(count)
    let span = lengths.span
    var (total, isWithin) = (Int64(0), true)
    let offsets = Buffer<Int32>(count: count + 1) { output in
      output.append(0)
      for index in 0..<count {
        let length = span[index]
        isWithin = isWithin && length >= 0 && length <= Int64(Int32.max) - total
        if isWithin { total += length }
        output.append(Int32(truncatingIfNeeded: total))
      }
    }
    guard isWithin else { throw .malformed("a page has strings of impossible lengths") }
    return offsets
  }
}

/// How much of each string is that of the one before, and what follows it.
struct DeltaStrings {
  private var prefixes: DeltaDecoder
  private var suffixes: DeltaLengthStrings
  private var last: [UInt8] = []

  init(_ bytes: Buffer<UInt8>, limit: Int) throws(ParquetError) {
    prefixes = try DeltaDecoder(bytes, at: 0, limit: limit)
    var probe = prefixes
    try probe.skipAll()
    suffixes = try DeltaLengthStrings(bytes, at: probe.position, limit: limit)
  }

  /// As ``PlainStrings/count(upTo:within:)``: a few bytes may stand for very many.
  func count(upTo count: Int, within byteCount: Int) throws(ParquetError) -> Int {
    var probe = prefixes
    let known = min(count, min(prefixes.left, suffixes.left))
    let ends = try suffixes.peekOffsets(known)
    let fitting = try fitting(try probe.numbers(known), ends, within: byteCount)
    return fitting.count < known ? max(1, fitting.count) : count
  }

  mutating func next(_ count: Int) throws(ParquetError) -> ByteStrings {
    let shared = try prefixes.numbers(count)
    let rest = try suffixes.next(count)
    let all = try fitting(shared, rest.offsets, within: Int(Int32.max))
    guard all.count == count else {
      throw .malformed("a page has more than 2 GiB of strings")
    }
    var builder = ByteStringsBuilder(capacity: count, byteCapacity: all.byteCount)
    var previous = 0..<0
    for index in 0..<count {
      let prefix = Int(shared[index])
      let start = builder.byteCount
      if index == 0 {
        builder.bytes.append(contentsOf: last.span.extracting(first: prefix))
      } else {
        // SAFETY: `fitting` has checked that the string before has so many bytes, and room for all
        // was reserved.
        unsafe builder.bytes.append(
          from: UnsafePointer(builder.bytes.pointer) + previous.lowerBound, count: prefix)
      }
      builder.append(rest[index])
      previous = start..<builder.byteCount
    }
    if count > 0 { last = builder.bytes.elements(previous) }
    return builder.take()
  }

  /// The first of the next strings that take no more bytes: how many, and their bytes.
  ///
  /// - Parameter ends: of what follows the shared prefixes.
  private func fitting(
    _ shared: Buffer<Int64>, _ ends: Buffer<Int32>, within byteCount: Int
  ) throws(ParquetError) -> (count: Int, byteCount: Int) {
    var (total, length) = (0, last.count)
    for index in 0..<shared.count {
      guard shared[index] >= 0, shared[index] <= Int64(length) else {
        throw .malformed("a page has strings of impossible lengths")
      }
      length = Int(shared[index]) + Int(ends[index + 1]) - Int(ends[index])
      guard total + length <= byteCount else { return (index, total) }
      total += length
    }
    return (shared.count, total)
  }
}

extension MutableBuffer<UInt8> {
  fileprivate func elements(_ range: Range<Int>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for place in range { copy.append(self[place]) }
    return copy
  }
}
