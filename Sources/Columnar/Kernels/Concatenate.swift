extension Column {
  /// The values of all columns, one after the other.
  ///
  /// - Parameters:
  ///   - columns: each of type `type`; none gives an empty column.
  package static func concatenating(_ columns: [Column], type: DataType) -> Column {
    guard let first = columns.first else { return .empty(type) }
    if columns.count == 1 { return first }
    precondition(columns.allSatisfy { $0.type == type })
    let count = columns.reduce(0) { $0 + $1.count }
    return Column(type, storage(of: columns, count: count), validity: validity(of: columns))
  }

  private static func validity(of columns: [Column]) -> Bitmap? {
    guard columns.contains(where: { $0.validity != nil }) else { return nil }
    var builder = BitmapBuilder()
    for column in columns {
      if let validity = column.validity {
        builder.append(contentsOf: validity)
      } else {
        builder.append(repeating: true, count: column.count)
      }
    }
    return builder.take()
  }

  private static func storage(of columns: [Column], count: Int) -> Storage {
    switch columns[0].storage {
    case .void: return .void(count: count)
    case .boolean:
      var builder = BitmapBuilder(capacity: count)
      for case .boolean(let bits) in columns.lazy.map(\.storage) {
        builder.append(contentsOf: bits)
      }
      return .boolean(builder.take())
    case .int8: return .int8(join(columns, count) { if case .int8(let v) = $0 { v } else { nil } })
    case .int16:
      return .int16(join(columns, count) { if case .int16(let v) = $0 { v } else { nil } })
    case .int32:
      return .int32(join(columns, count) { if case .int32(let v) = $0 { v } else { nil } })
    case .int64:
      return .int64(join(columns, count) { if case .int64(let v) = $0 { v } else { nil } })
    case .float:
      return .float(join(columns, count) { if case .float(let v) = $0 { v } else { nil } })
    case .double:
      return .double(join(columns, count) { if case .double(let v) = $0 { v } else { nil } })
    case .decimal:
      return .decimal(join(columns, count) { if case .decimal(let v) = $0 { v } else { nil } })
    case .bytes: return .bytes(joinStrings(columns, count))
    case .list(_, let elements): return joinLists(columns, count, elements.type)
    case .structure(let fields, _):
      let joined = fields.indices.map { index in
        concatenating(
          columns.map {
            if case .structure(let parts, _) = $0.storage { parts[index] } else { $0 }
          },
          type: fields[index].type)
      }
      return .structure(joined, count: count)
    }
  }

  private static func join<Element: BitwiseCopyable>(
    _ columns: [Column], _ count: Int, _ values: (Storage) -> Buffer<Element>?
  ) -> Buffer<Element> {
    var joined = MutableBuffer<Element>(capacity: count)
    for column in columns {
      if let part = values(column.storage) { joined.append(contentsOf: part.span) }
    }
    return joined.take()
  }

  private static func joinStrings(_ columns: [Column], _ count: Int) -> ByteStrings {
    let parts = columns.compactMap { column -> ByteStrings? in
      if case .bytes(let strings) = column.storage { strings } else { nil }
    }
    let total = parts.reduce(0) { $0 + $1.totalLength }
    var builder = ByteStringsBuilder(capacity: count, byteCapacity: total)
    for part in parts {
      let shift = Int32(builder.byteCount) - part.offsets[0]
      let start = Int(part.offsets[0])
      builder.bytes.append(contentsOf: part.bytes[start..<start + part.totalLength].span)
      let offsets = part.offsets.span
      for slot in 1..<max(1, offsets.count) { builder.offsets.append(offsets[slot] + shift) }
    }
    return builder.take()
  }

  private static func joinLists(_ columns: [Column], _ count: Int, _ type: DataType) -> Storage {
    var joined = MutableBuffer<Int32>(capacity: count + 1)
    joined.append(0)
    var elements: [Column] = []
    var total: Int32 = 0
    for case .list(let offsets, let part) in columns.lazy.map(\.storage) {
      let (start, end) = (offsets[0], offsets[offsets.count - 1])
      for slot in 1..<max(1, offsets.count) { joined.append(offsets[slot] - start + total) }
      total += end - start
      elements.append(part[Int(start)..<Int(end)])
    }
    return .list(offsets: joined.take(), elements: concatenating(elements, type: type))
  }
}
