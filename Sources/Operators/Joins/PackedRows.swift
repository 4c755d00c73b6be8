import CKernels
import Columnar

/// Rows of a table, each in one run of bytes: to look one up touches a line or two of the cache,
/// whatever columns are asked for, where columns of their own would take one each.
@safe struct PackedRows: @unchecked Sendable {
  let layout: RowLayout
  let rowCount: Int
  /// Of each column; nil where no value is null.
  private let validity: [Bitmap?]
  /// Records in blocks of `1 << shift`.
  private let blocks: [Memory]
  private let starts: Buffer<UnsafeRawPointer>
  private let shift: Int
  /// Zeros, for where there is no row.
  private let noRecord: Memory
  /// Strings of more than ``KeyEntry/longestShort`` bytes.
  private let arena: Buffer<UInt8>
  /// Of the strings and the binaries, in bytes.
  private let longestText: Int

  init(
    _ layout: RowLayout, rowCount: Int, validity: [Bitmap?], blocks: [Memory], shift: Int,
    arena: Buffer<UInt8>, longestText: Int, byteCountMax: Int
  ) {
    self.layout = layout
    self.rowCount = rowCount
    self.validity = validity
    self.blocks = blocks
    unsafe starts = Buffer(count: blocks.count) { output in
      for block in blocks {
        unsafe output.append(UnsafeRawPointer(block.mutableBytes.baseAddress.unsafelyUnwrapped))
      }
    }
    self.shift = shift
    noRecord = Memory(byteCount: layout.byteCount)
    unsafe noRecord.mutableBytes.initializeMemory(as: UInt8.self, repeating: 0)
    self.arena = arena
    self.longestText = longestText
    rowsMax = max(1, byteCountMax / max(1, longestText))
  }

  /// How many rows may be looked up together, so that no column of them is larger than it may be.
  let rowsMax: Int

  /// Of rows that are looked up, those whose lines are asked for before the first is needed.
  private static let runCount = 128

  // SAFETY of every pointer below: rows are checked to be below `rowCount`, and so lie in a block;
  // values lie in a record by the layout.

  /// The values of some columns at some places, no more than ``rowsMax``; anything where there is no
  /// row.
  func columns(_ wanted: [Int], at places: RowPlaces) -> [Column] {
    let rows = places.rows
    precondition(rows.arePlaces(below: rowCount) && rows.count <= rowsMax)
    if wanted.isEmpty { return [] }
    let values = wanted.map { PackedValues(layout.places[$0], count: rows.count, longestText) }
    let lines = Buffer(layout.lines(of: wanted))
    var present = unsafe MutableBuffer<UnsafeRawPointer>()
    var next = unsafe MutableBuffer<UnsafeRawPointer>()
    unsafe locate(rows[0..<min(PackedRows.runCount, rows.count)], lines, &present)
    var start = 0
    while start < rows.count {
      let end = min(start + PackedRows.runCount, rows.count)
      unsafe locate(rows[end..<min(end + PackedRows.runCount, rows.count)], lines, &next)
      for column in values { unsafe column.take(present.span, arena.pointer) }
      unsafe swap(&present, &next)
      start = end
    }
    return zip(wanted, values).map { index, values in
      values.column(validity: validity[index]?.gathering(places.anyRows))
    }
  }

  /// Finds records and asks for their lines.
  private func locate(
    _ rows: Buffer<Int32>, _ lines: Buffer<Int>, _ records: inout MutableBuffer<UnsafeRawPointer>
  ) {
    let (rows, lines, starts) = unsafe (rows.span, lines.span, starts.pointer)
    let (shift, mask, byteCount) = (shift, 1 << shift - 1, layout.byteCount)
    let none = unsafe UnsafeRawPointer(noRecord.mutableBytes.baseAddress.unsafelyUnwrapped)
    unsafe records.removeAll()
    unsafe records.reserve(rows.count)
    for slot in rows.indices {
      let row = Int(rows[slot])
      let record =
        unsafe row < 0 ? none : starts[row &>> shift] + (row & mask) &* byteCount
      unsafe records.appendUnchecked(record)
      for line in lines.indices { unsafe kernel_prefetch(record + lines[line]) }
    }
  }
}

extension Buffer<Int32> {
  /// Whether all are in `-1..<limit`.
  fileprivate func arePlaces(below limit: Int) -> Bool {
    let source = span
    // Taken as unsigned, one that is less is too large.
    var largest: UInt32 = 0
    for slot in source.indices {
      largest = Swift.max(largest, UInt32(bitPattern: source[slot] &+ 1))
    }
    return Int(largest) <= limit
  }
}

/// The values of a column that are looked up.
@safe private final class PackedValues {
  private let place: RowLayout.Place
  /// Of strings the offsets, from the second on.
  private let values: Memory
  private var bytes = MutableBuffer<UInt8>()
  private var count = 0
  private let longestText: Int

  init(_ place: RowLayout.Place, count: Int, _ longestText: Int) {
    self.place = place
    self.longestText = longestText
    let isText = place.width == .text
    values = Memory(byteCount: isText ? (count + 1) * 4 : count * place.width.byteCount)
    guard isText else { return }
    unsafe values.mutableBytes.storeBytes(of: 0, as: Int32.self)
    if longestText <= KeyEntry.longestShort { bytes.reserve(count * longestText) }
  }

  @unsafe func take(
    _ records: borrowing Span<UnsafeRawPointer>, _ arena: UnsafePointer<UInt8>
  ) {
    switch place.width {
    case .one: unsafe copy(records, UInt8.self)
    case .two: unsafe copy(records, UInt16.self)
    case .four: unsafe copy(records, UInt32.self)
    case .eight: unsafe copy(records, UInt64.self)
    case .sixteen: unsafe copy(records, UInt128.self)
    case .text:
      if longestText <= KeyEntry.longestShort {
        unsafe copyShort(records)
      } else {
        unsafe copyText(records, arena)
      }
    }
    count += unsafe records.count
  }

  @inline(__always)
  @unsafe private func copy<Value: BitwiseCopyable>(
    _ records: borrowing Span<UnsafeRawPointer>, _: Value.Type
  ) {
    let output = unsafe start(Value.self) + count
    let offset = place.offset
    for slot in unsafe records.indices {
      unsafe output[slot] = records[slot].loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
  }

  @unsafe private func start<Value>(_: Value.Type) -> UnsafeMutablePointer<Value> {
    unsafe values.mutableBytes.baseAddress.unsafelyUnwrapped
      .assumingMemoryBound(to: Value.self)
  }

  /// Strings that all lie in their records: 16 bytes are written for each, of which the next one
  /// overwrites what is not its own. Behind the last one there is slack.
  @unsafe private func copyShort(_ records: borrowing Span<UnsafeRawPointer>) {
    let offsets = unsafe start(Int32.self) + count + 1
    let output = unsafe UnsafeMutableRawPointer(bytes.pointer)
    let offset = place.offset
    var end = bytes.count
    for slot in unsafe records.indices {
      let low = unsafe records[slot].load(fromByteOffset: offset, as: UInt64.self)
      let high = unsafe records[slot].load(fromByteOffset: offset &+ 8, as: UInt64.self)
      unsafe output.storeBytes(of: low, toByteOffset: end, as: UInt64.self)
      unsafe output.storeBytes(of: high, toByteOffset: end &+ 8, as: UInt64.self)
      end &+= Int(truncatingIfNeeded: high &>> 56)
      unsafe offsets[slot] = Int32(truncatingIfNeeded: end)
    }
    unsafe bytes.setCount(end)
  }

  @unsafe private func copyText(
    _ records: borrowing Span<UnsafeRawPointer>, _ arena: UnsafePointer<UInt8>
  ) {
    let offsets = unsafe start(Int32.self) + count + 1
    var end = bytes.count
    for slot in unsafe records.indices {
      let entry = unsafe records[slot].load(fromByteOffset: place.offset, as: KeyEntry.self)
      end &+= entry.isLong ? entry.longLength : entry.shortLength
      if entry.isLong { unsafe kernel_prefetch(arena + Int(entry.low)) }
      unsafe offsets[slot] = Int32(truncatingIfNeeded: end)
    }
    bytes.reserve(end - bytes.count)
    let output = unsafe bytes.pointer
    var start = bytes.count
    for slot in unsafe records.indices {
      let record = unsafe records[slot] + place.offset
      let entry = unsafe record.load(as: KeyEntry.self)
      let source =
        unsafe entry.isLong
        ? arena + Int(entry.low) : record.assumingMemoryBound(to: UInt8.self)
      let length = entry.isLong ? entry.longLength : entry.shortLength
      unsafe copyBytes(from: source, to: output + start, count: length)
      start &+= length
    }
    unsafe bytes.setCount(end)
  }

  func column(validity: Bitmap?) -> Column {
    Column(place.type, storage, validity: validity)
  }

  private var storage: Storage {
    switch place.type {
    case .boolean:
      let bits = buffer(UInt8.self).span
      var builder = BitmapBuilder(capacity: count)
      for slot in bits.indices { builder.append(bits[slot] != 0) }
      return .boolean(builder.take())
    case .tinyint: return .int8(buffer(Int8.self))
    case .smallint: return .int16(buffer(Int16.self))
    case .int, .date, .yearMonthInterval: return .int32(buffer(Int32.self))
    case .float: return .float(buffer(Float.self))
    case .double: return .double(buffer(Double.self))
    case .decimal: return .decimal(buffer(Int128.self))
    case .string, .binary:
      let offsets = unsafe Buffer<Int32>(
        owner: values, base: UnsafeMutableRawPointer(start(Int32.self)), count: count + 1)
      return .bytes(ByteStrings(offsets: offsets, bytes: bytes.take()))
    default: return .int64(buffer(Int64.self))
    }
  }

  private func buffer<Value: BitwiseCopyable>(_: Value.Type) -> Buffer<Value> {
    unsafe Buffer(owner: values, base: UnsafeMutableRawPointer(start(Value.self)), count: count)
  }
}
