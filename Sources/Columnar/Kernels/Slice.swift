extension Column {
  /// Values of a range; numbers and strings are not copied, bitmaps only off a multiple of 64.
  package subscript(range: Range<Int>) -> Column {
    if range == 0..<count { return self }
    return Column(type, storage[range], validity: validity?[range])
  }

  /// An estimate of the memory that the values take, in bytes.
  package var byteCount: Int { storage.byteCount + (validity == nil ? 0 : count / 8) }
}

extension Storage {
  fileprivate subscript(range: Range<Int>) -> Storage {
    switch self {
    case .void: .void(count: range.count)
    case .boolean(let bits): .boolean(bits[range])
    case .int8(let values): .int8(values[range])
    case .int16(let values): .int16(values[range])
    case .int32(let values): .int32(values[range])
    case .int64(let values): .int64(values[range])
    case .float(let values): .float(values[range])
    case .double(let values): .double(values[range])
    case .decimal(let values): .decimal(values[range])
    case .bytes(let strings): .bytes(strings[range])
    case .list(let offsets, let elements):
      .list(offsets: offsets[range.lowerBound..<range.upperBound + 1], elements: elements)
    case .structure(let columns, _):
      .structure(columns.map { $0[range] }, count: range.count)
    }
  }

  fileprivate var byteCount: Int {
    switch self {
    case .void: 0
    case .boolean(let bits): bits.count / 8
    case .int8(let values): values.byteCount
    case .int16(let values): values.byteCount
    case .int32(let values): values.byteCount
    case .int64(let values): values.byteCount
    case .float(let values): values.byteCount
    case .double(let values): values.byteCount
    case .decimal(let values): values.byteCount
    case .bytes(let strings): strings.offsets.byteCount + strings.totalLength
    case .list(let offsets, let elements): offsets.byteCount + elements.byteCount
    case .structure(let columns, _): columns.reduce(0) { $0 + $1.byteCount }
    }
  }
}
