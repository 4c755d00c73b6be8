extension Column {
  /// The values, which are none of them null, in the slots where a bit is 1; null in the others.
  ///
  /// - Parameter validity: as many bits are 1 as there are values.
  /// - Complexity: O(slots), one allocation for each buffer.
  package func spread(over validity: Bitmap) -> Column {
    precondition(validity.setCount == count && self.validity == nil)
    if validity.isAllSet { return self }
    if case .void = storage { return Column(type, .void(count: validity.count)) }
    return Column(type, storage.spread(over: validity), validity: validity)
  }
}

extension Storage {
  fileprivate func spread(over bits: Bitmap) -> Storage {
    switch self {
    case .void: .void(count: bits.count)
    case .boolean(let values): .boolean(spreadBits(values, bits))
    case .int8(let values): .int8(spreadValues(values, bits))
    case .int16(let values): .int16(spreadValues(values, bits))
    case .int32(let values): .int32(spreadValues(values, bits))
    case .int64(let values): .int64(spreadValues(values, bits))
    case .float(let values): .float(spreadValues(values, bits))
    case .double(let values): .double(spreadValues(values, bits))
    case .decimal(let values): .decimal(spreadValues(values, bits))
    case .bytes(let strings):
      .bytes(ByteStrings(offsets: spreadOffsets(strings.offsets, bits), bytes: strings.bytes))
    case .list(let offsets, let elements):
      .list(offsets: spreadOffsets(offsets, bits), elements: elements)
    case .structure(let columns, _):
      .structure(columns.map { $0.spreadFields(bits) }, count: bits.count)
    }
  }
}

extension Column {
  /// A field of structs, of which some are null.
  fileprivate func spreadFields(_ bits: Bitmap) -> Column {
    let dense = replacing(validity: nil)
    let spread = Column(type, dense.storage.spread(over: bits))
    guard let validity else { return spread }
    return spread.replacing(validity: spreadBits(validity, bits))
  }
}

// SAFETY of the loops below: as many bits are 1 as there are values, so that the place never passes
// their end; what is read there, for slots without a value, is slack.

@inline(__always)
private func spreadValues<Element: BitwiseCopyable>(
  _ values: Buffer<Element>, _ bits: Bitmap
) -> Buffer<Element> {
  let source = unsafe values.pointer
  let words = bits.words.span
  return Buffer(count: bits.count) { output in
    var place = 0
    var slot = 0
    while slot < bits.count {
      let step = min(64, bits.count &- slot)
      var word = words[slot >> 6]
      for _ in 0..<step {
        unsafe output.append(source[place])
        place &+= Int(truncatingIfNeeded: word & 1)
        word >>= 1
      }
      slot &+= step
    }
  }
}

private func spreadOffsets(_ offsets: Buffer<Int32>, _ bits: Bitmap) -> Buffer<Int32> {
  let source = unsafe offsets.pointer
  let words = bits.words.span
  return Buffer(count: bits.count + 1) { output in
    var place = 0
    unsafe output.append(source[0])
    for slot in 0..<bits.count {
      place &+= Int(truncatingIfNeeded: words[slot >> 6] &>> UInt64(slot & 63) & 1)
      unsafe output.append(source[place])
    }
  }
}

private func spreadBits(_ values: Bitmap, _ bits: Bitmap) -> Bitmap {
  var place = 0
  var builder = BitmapBuilder(capacity: bits.count)
  for slot in 0..<bits.count {
    let isValid = unsafe bits[unchecked: slot]
    builder.append(isValid && values[place])
    place += isValid ? 1 : 0
  }
  return builder.take()
}
