extension Column {
  /// The values at these positions, in their order.
  ///
  /// - Parameter rows: each in `0..<count`; the same one may come again.
  /// - Complexity: O(rows + bytes copied), an allocation for each buffer.
  package func gathering(_ rows: Buffer<Int32>) -> Column {
    precondition(rows.isWithin(0..<count))
    return Column(type, storage.gathering(rows), validity: validity?.gathering(rows))
  }
}

extension Buffer<Int32> {
  fileprivate func isWithin(_ bounds: Range<Int>) -> Bool {
    var (least, largest) = (Int32.max, Int32.min)
    let span = span
    for slot in span.indices {
      least = Swift.min(least, span[slot])
      largest = Swift.max(largest, span[slot])
    }
    return count == 0 || (Int(least) >= bounds.lowerBound && Int(largest) < bounds.upperBound)
  }
}

extension Storage {
  fileprivate func gathering(_ rows: Buffer<Int32>) -> Storage {
    switch self {
    case .void: .void(count: rows.count)
    case .boolean(let bits): .boolean(bits.gathering(rows))
    case .int8(let values): .int8(gather(values, rows))
    case .int16(let values): .int16(gather(values, rows))
    case .int32(let values): .int32(gather(values, rows))
    case .int64(let values): .int64(gather(values, rows))
    case .float(let values): .float(gather(values, rows))
    case .double(let values): .double(gather(values, rows))
    case .decimal(let values): .decimal(gather(values, rows))
    case .bytes(let strings): .bytes(strings.gathering(rows))
    case .list(let offsets, let elements): gatherLists(offsets, elements, rows)
    case .structure(let columns, _):
      .structure(columns.map { $0.gathering(rows) }, count: rows.count)
    }
  }
}

// SAFETY of every unchecked access below: `Column.gathering` has checked that all rows are slots.

@inline(__always)
private func gather<Element: BitwiseCopyable>(
  _ values: Buffer<Element>, _ rows: Buffer<Int32>
) -> Buffer<Element> {
  let rows = rows.span
  return Buffer(count: rows.count) { output in
    for slot in rows.indices { unsafe output.append(values[unchecked: Int(rows[slot])]) }
  }
}

extension Bitmap {
  /// The bits at these positions.
  ///
  /// - Parameter rows: each in `0..<count`, which the caller has checked.
  package func gathering(_ rows: Buffer<Int32>) -> Bitmap {
    let rows = rows.span
    let words = Buffer<UInt64>(count: Bitmap.wordCount(rows.count)) { output in
      var (word, filled) = (UInt64(0), UInt64(0))
      for slot in rows.indices {
        word |= unsafe (self[unchecked: Int(rows[slot])] ? 1 : 0) << filled
        filled &+= 1
        if filled == 64 {
          output.append(word)
          (word, filled) = (0, 0)
        }
      }
      if filled > 0 { output.append(word) }
    }
    return Bitmap(words: words, count: rows.count)
  }
}

extension ByteStrings {
  fileprivate func gathering(_ rows: Buffer<Int32>) -> ByteStrings {
    let rows = rows.span
    let source = unsafe offsets.pointer
    var total = 0
    let gatheredOffsets = Buffer<Int32>(count: rows.count + 1) { output in
      output.append(0)
      for slot in rows.indices {
        let row = Int(rows[slot])
        total &+= unsafe Int(source[row &+ 1]) &- Int(source[row])
        output.append(Int32(truncatingIfNeeded: total))
      }
    }
    precondition(total <= Int32.max)
    var gathered = MutableBuffer<UInt8>(capacity: total)
    let (bytes, target, ends) = unsafe (bytes.pointer, gathered.pointer, gatheredOffsets.pointer)
    for slot in rows.indices {
      let row = Int(rows[slot])
      let (start, place) = unsafe (Int(source[row]), Int(ends[slot]))
      unsafe copyBytes(
        from: bytes + start, to: target + place, count: Int(ends[slot &+ 1]) &- place)
    }
    unsafe gathered.setCount(total)
    return ByteStrings(offsets: gatheredOffsets, bytes: gathered.take())
  }
}

private func gatherLists(
  _ offsets: Buffer<Int32>, _ elements: Column, _ rows: Buffer<Int32>
) -> Storage {
  var picked = MutableBuffer<Int32>()
  let rows = rows.span
  let gatheredOffsets = Buffer<Int32>(count: rows.count + 1) { output in
    output.append(0)
    for slot in rows.indices {
      let row = Int(rows[slot])
      for element in offsets[row]..<offsets[row + 1] { picked.append(element) }
      output.append(Int32(picked.count))
    }
  }
  return .list(offsets: gatheredOffsets, elements: elements.gathering(picked.take()))
}
