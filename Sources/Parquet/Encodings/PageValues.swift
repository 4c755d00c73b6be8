import Columnar

/// The values of a page, nulls left out, in whatever encoding: a column of as many as are asked for.
struct PageValues {
  private let converter: LeafConverter
  private var source: Source

  private enum Source {
    case bits(Bitmap, place: Int)
    case hybridBits(HybridDecoder)
    case fixed(Buffer<UInt8>, place: Int)
    /// All first bytes of the values, then all second ones, …
    case split(Buffer<UInt8>, count: Int, place: Int)
    case deltas(DeltaDecoder)
    case strings(PlainStrings)
    case deltaLengths(DeltaLengthStrings)
    case deltaStrings(DeltaStrings)
    case indices(HybridDecoder, Dictionary)
  }

  /// - Parameters:
  ///   - limit: there are no more values.
  ///   - dictionary: that of the chunk, if it has one.
  init(
    _ bytes: Buffer<UInt8>, _ encoding: Encoding, _ converter: LeafConverter, limit: Int,
    dictionary: Dictionary?
  ) throws(ParquetError) {
    self.converter = converter
    source = try PageValues.source(bytes, encoding, converter.leaf, limit, dictionary)
  }

  private static func source(
    _ bytes: Buffer<UInt8>, _ encoding: Encoding, _ leaf: LeafType, _ limit: Int,
    _ dictionary: Dictionary?
  ) throws(ParquetError) -> Source {
    switch (encoding, leaf.physical) {
    case (.plain, .boolean):
      let words = Buffer<UInt64>(padding: bytes)
      return .bits(Bitmap(words: words, count: bytes.count * 8), place: 0)
    case (.plain, .byteArray): return .strings(PlainStrings(bytes))
    case (.plain, _): return .fixed(bytes, place: 0)
    case (.rle, .boolean): return .hybridBits(try lengthPrefixed(bytes))
    case (.plainDictionary, _), (.rleDictionary, _):
      guard let dictionary else {
        throw .malformed("a page refers to a dictionary that is missing")
      }
      // No values, no width.
      let bitWidth = bytes.count == 0 ? 0 : bytes[0]
      guard bitWidth <= 32 else { throw .malformed("a page has indices of \(bitWidth) bits") }
      let indices = HybridDecoder(
        bytes[min(1, bytes.count)..<bytes.count], bitWidth: Int(bitWidth))
      return .indices(indices, dictionary)
    case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64):
      return .deltas(try DeltaDecoder(bytes, at: 0, limit: limit))
    case (.deltaLengthByteArray, .byteArray):
      return .deltaLengths(try DeltaLengthStrings(bytes, at: 0, limit: limit))
    case (.deltaByteArray, .byteArray), (.deltaByteArray, .fixedByteArray):
      return .deltaStrings(try DeltaStrings(bytes, limit: limit))
    case (.byteStreamSplit, _) where leaf.byteWidth > 0:
      return .split(bytes, count: bytes.count / leaf.byteWidth, place: 0)
    default:
      throw .malformed("a page of \(leaf.physical) values has the encoding \(encoding)")
    }
  }

  private static func lengthPrefixed(_ bytes: Buffer<UInt8>) throws(ParquetError) -> HybridDecoder {
    guard let length = Buffer<UInt32>(bytes, byteOffset: 0, count: 1)?[0],
      Int(length) <= bytes.count - 4
    else { throw .truncated("a page ends in the middle of its values") }
    return HybridDecoder(bytes[4..<4 + Int(length)], bitWidth: 1)
  }

  /// How many of the next entries may be read at once, so that their values take no more bytes of
  /// memory: at least one.
  ///
  /// - Parameters:
  ///   - count: of entries, at least one; some may be null.
  ///   - byteCount: may be passed by a single value.
  func count(upTo count: Int, within byteCount: Int) throws(ParquetError) -> Int {
    switch source {
    case .bits, .hybridBits, .deltas: count
    case .fixed, .split: min(count, max(1, byteCount / converter.columnByteWidth))
    case .strings(let strings): strings.count(upTo: count, within: byteCount)
    case .deltaLengths(let strings): try strings.count(upTo: count, within: byteCount)
    case .deltaStrings(let strings): try strings.count(upTo: count, within: byteCount)
    case .indices(_, let dictionary):
      min(count, max(1, byteCount / dictionary.longestByteCount))
    }
  }

  /// - Returns: the next values, exactly as many.
  mutating func next(_ count: Int) throws(ParquetError) -> Column {
    // A case is taken apart and put together again: nothing else refers to it meanwhile.
    switch source {
    case .bits(let bits, let place):
      guard count <= bits.count - place else { throw PageValues.tooFew }
      source = .bits(bits, place: place + count)
      return boolean(bits[place..<place + count])
    case .hybridBits(var decoder):
      var bits = BitmapBuilder(capacity: count)
      try decoder.append(count, to: &bits)
      source = .hybridBits(decoder)
      return boolean(bits.take())
    case .fixed(let bytes, let place):
      let width = converter.leaf.byteWidth
      guard count <= (bytes.count - place) / width else { throw PageValues.tooFew }
      source = .fixed(bytes, place: place + count * width)
      return try converter.column(fixed: bytes[place..<place + count * width], count: count)
    case .split(let bytes, let total, let place):
      guard count <= total - place else { throw PageValues.tooFew }
      source = .split(bytes, count: total, place: place + count)
      let joined = unsplit(bytes, total, place, count)
      return try converter.column(fixed: joined, count: count)
    case .deltas(var decoder):
      let numbers = try decoder.numbers(count)
      source = .deltas(decoder)
      return try column(numbers)
    case .strings(var strings):
      let values = try strings.next(count)
      source = .strings(strings)
      return try converter.column(strings: values)
    case .deltaLengths(var strings):
      let values = try strings.next(count)
      source = .deltaLengths(strings)
      return try converter.column(strings: values)
    case .deltaStrings(var strings):
      let values = try strings.next(count)
      source = .deltaStrings(strings)
      return try column(values)
    case .indices(var decoder, let dictionary):
      let rows = try decoder.numbers(count, below: UInt32(dictionary.values.count))
      source = .indices(decoder, dictionary)
      return dictionary.values.gathering(rows)
    }
  }

  private static var tooFew: ParquetError {
    .truncated("a page has fewer values than it claims to")
  }

  private func boolean(_ bits: Bitmap) -> Column {
    if converter.leaf.type == .void { return Column(.void, .void(count: bits.count)) }
    return Column(.boolean, .boolean(bits))
  }

  private func column(_ numbers: Buffer<Int64>) throws(ParquetError) -> Column {
    guard converter.leaf.physical == .int32 else { return try converter.column(longs: numbers) }
    let span = numbers.span
    return try converter.column(
      ints: Buffer(count: span.count) { output in
        // Differences of 32 bits may wrap around.
        for index in span.indices { output.append(Int32(truncatingIfNeeded: span[index])) }
      })
  }

  private func column(_ strings: ByteStrings) throws(ParquetError) -> Column {
    guard converter.leaf.physical == .fixedByteArray else {
      return try converter.column(strings: strings)
    }
    for index in 0..<strings.count where strings.length(index) != converter.leaf.byteWidth {
      throw converter.error(
        "expected \(converter.leaf.byteWidth) bytes but found \(strings.length(index))")
    }
    let start = Int(strings.offsets[0])
    return try converter.column(
      fixed: strings.bytes[start..<start + strings.totalLength], count: strings.count)
  }

  private func unsplit(
    _ bytes: Buffer<UInt8>, _ total: Int, _ place: Int, _ count: Int
  ) -> Buffer<UInt8> {
    let width = converter.leaf.byteWidth
    let memory = Memory(byteCount: count * width)
    // SAFETY: `count` values of `width` bytes are written; each stream has `total` of them, and the
    // caller has checked that so many are left.
    guard let target = unsafe memory.mutableBytes.bindMemory(to: UInt8.self).baseAddress else {
      return Buffer()
    }
    let source = unsafe bytes.pointer
    for stream in 0..<width {
      let start = unsafe source + stream * total + place
      for index in 0..<count { unsafe target[index &* width &+ stream] = start[index] }
    }
    return memory.bytes
  }
}

extension Buffer<UInt64> {
  /// The bytes as words, the last one filled up.
  fileprivate init(padding bytes: Buffer<UInt8>) {
    // Slack follows the bytes, so that the last word may be read whole.
    let count = (bytes.count + 7) / 8
    let source = unsafe UnsafeRawPointer(bytes.pointer)
    self.init(count: count) { output in
      for index in 0..<count {
        unsafe output.append((source + index * 8).loadUnaligned(as: UInt64.self))
      }
    }
  }
}
