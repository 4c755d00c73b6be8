import Columnar

package enum BitmapOperation: Sendable {
  /// A 1 at each place.
  case places
  case or
  case and
}

/// `bitmap_construct_agg`, `bitmap_or_agg`, `bitmap_and_agg`: bitmaps of Spark's size.
final class BitmapAccumulator: Accumulator {
  private static let size = 4096

  private let operation: BitmapOperation
  /// The bitmaps of all groups that have a value, one group after the other.
  private var bitmaps = MutableBuffer<UInt8>()
  /// Where a group's bitmap begins; -1 when it has none.
  private var starts = GroupStates(-1)

  init(_ operation: BitmapOperation) { self.operation = operation }

  /// What a bitmap begins with.
  private var filling: UInt8 { operation == .and ? 255 : 0 }

  func resize(to count: Int) { starts.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    let validity = commonValidity(arguments)
    switch arguments[0].storage {
    case .int64(let places): try set(places, rows, validity)
    case .bytes(let strings):
      rows.forEach(validity) { row, group in combine(group, with: strings[row]) }
    default: break
    }
  }

  private func set(
    _ places: Buffer<Int64>, _ rows: GroupedRows, _ validity: Bitmap?
  ) throws(AggregateError) {
    let places = places.span
    var stranger: Int64?
    rows.forEach(validity) { row, group in
      let place = places[row]
      guard 0..<Int64(BitmapAccumulator.size * 8) ~= place else {
        stranger = stranger ?? place
        return
      }
      bitmaps[start(of: group) + Int(place / 8)] |= 1 << UInt8(place % 8)
    }
    if let stranger {
      throw .unusable(
        errorClass: "INVALID_BITMAP_POSITION",
        "a bitmap has the places 0 to 32767, but not \(stranger)",
        hint: "bitmap_construct_agg(bitmap_bit_position(n)) --by 'bitmap_bucket_number(n)'")
    }
  }

  private func start(of group: Int) -> Int {
    if starts[group] < 0 {
      starts[group] = bitmaps.count
      bitmaps.append(repeating: filling, count: BitmapAccumulator.size)
    }
    return starts[group]
  }

  private func combine(_ group: Int, with source: borrowing Span<UInt8>) {
    let start = start(of: group)
    for index in 0..<min(source.count, BitmapAccumulator.size) {
      let byte = source[index]
      bitmaps[start + index] =
        operation == .and ? bitmaps[start + index] & byte : bitmaps[start + index] | byte
    }
    // What a short bitmap leaves out has no bits.
    guard operation == .and, source.count < BitmapAccumulator.size else { return }
    for index in source.count..<BitmapAccumulator.size { bitmaps[start + index] = 0 }
  }

  func result(of groups: Buffer<Int32>) -> Column { column(of: groups, hasNulls: false) }

  func resultByteCount(of group: Int) -> Int { BitmapAccumulator.size }

  var byteCount: Int { bitmaps.capacity + starts.byteCount }

  /// Null without values.
  let stateParts = [StatePart("bitmap", .binary)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [column(of: groups, hasNulls: true)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { BitmapAccumulator.size }

  private func column(of groups: Buffer<Int32>, hasNulls: Bool) -> Column {
    let size = BitmapAccumulator.size
    var strings = ByteStringsBuilder(capacity: groups.count, byteCapacity: groups.count * size)
    var validity = ValidityBuilder()
    for slot in 0..<groups.count {
      let start = starts[groups[slot]]
      validity.append(start >= 0 || !hasNulls)
      if start >= 0 {
        strings.bytes.append(contentsOf: bitmaps.span.extracting(start..<start + size))
      } else if !hasNulls {
        strings.bytes.append(repeating: filling, count: size)
      }
      strings.closeValue()
    }
    return Column(.binary, .bytes(strings.take()), validity: validity.take())
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    guard case .bytes(let strings) = columns[0].storage else {
      throw StateDamage("a bitmap is \(columns[0].type)")
    }
    for row in 0..<groups.count where !columns[0].isNull(row) {
      let bytes = strings[row]
      guard bytes.count == BitmapAccumulator.size else {
        throw StateDamage("a bitmap has \(bytes.count) bytes, not \(BitmapAccumulator.size)")
      }
      let start = start(of: Int(groups[row]))
      for index in bytes.indices { bitmaps[start + index] = bytes[index] }
    }
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) {
    guard case .bytes(let strings) = columns[0].storage else { return }
    GroupedRows(groups).forEach(columns[0].validity) { row, group in
      combine(group, with: strings[row])
    }
  }
}
