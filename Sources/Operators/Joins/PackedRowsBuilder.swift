import Columnar

/// Puts rows into records.
@safe struct PackedRowsBuilder: ~Copyable {
  private let layout: RowLayout
  private let shift: Int
  private var rowCount = 0
  private var blocks: [Memory] = []
  /// Rows that the last block has room for, and how many it has.
  private var (capacity, filled) = (0, 0)
  private let nulls: [Nulls]
  private var arena = MutableBuffer<UInt8>()
  private var longestText = 0

  private static let smallestCapacity = 1024

  private final class Nulls {
    var builder = ValidityBuilder()

    func append(_ validity: Bitmap?, count: Int) {
      guard let validity else { return builder.appendValid(count: count) }
      for row in 0..<count { builder.append(validity[row]) }
    }
  }

  private let byteCountMax: Int

  private static let blockByteCountMax = 8 << 20

  /// - Parameter byteCountMax: no column of rows that are looked up together has more.
  init(_ layout: RowLayout, byteCountMax: Int) {
    self.layout = layout
    self.byteCountMax = byteCountMax
    let blockByteCount = min(PackedRowsBuilder.blockByteCountMax, byteCountMax)
    let rows = max(64, blockByteCount / max(1, layout.byteCount))
    shift = Int.bitWidth - 1 - rows.leadingZeroBitCount
    nulls = layout.places.map { _ in Nulls() }
  }

  /// - Parameter columns: of the layout's types, each `added` long.
  mutating func append(_ columns: [Column], rowCount added: Int) {
    for (column, nulls) in zip(columns, nulls) { nulls.append(column.validity, count: added) }
    rowCount += added
    guard layout.byteCount > 0 else { return }
    var start = 0
    while start < added {
      makeRoom(for: added - start)
      let rows = start..<min(added, start + capacity - filled)
      for (place, column) in zip(layout.places, columns) { write(column, rows, place) }
      filled += rows.count
      start = rows.upperBound
    }
  }

  /// The first block grows; those behind it are as large as they get.
  private mutating func makeRoom(for added: Int) {
    guard filled == capacity else { return }
    let full = 1 << shift
    let grows = blocks.count == 1 && capacity < full
    if blocks.isEmpty || grows {
      capacity = min(full, max(PackedRowsBuilder.smallestCapacity, filled * 2, filled + added))
    } else {
      (capacity, filled) = (full, 0)
    }
    let block = Memory(byteCount: capacity * layout.byteCount)
    if grows {
      unsafe block.mutableBytes.copyMemory(
        from: UnsafeRawBufferPointer(
          rebasing: blocks[0].mutableBytes[..<(filled * layout.byteCount)]))
      blocks = [block]
    } else {
      blocks.append(block)
    }
  }

  consuming func finish() -> PackedRows {
    PackedRows(
      layout, rowCount: rowCount, validity: nulls.map { $0.builder.take() }, blocks: blocks,
      shift: shift, arena: arena.take(), longestText: longestText, byteCountMax: byteCountMax)
  }
}

// MARK: - Values

// SAFETY of every pointer below: the last block has room for the rows behind `filled`, and the place
// lies in a record.

extension PackedRowsBuilder {
  private mutating func write(_ column: Column, _ rows: Range<Int>, _ place: RowLayout.Place) {
    let offset = filled * layout.byteCount + place.offset
    let target = unsafe blocks[blocks.count - 1].mutableBytes.baseAddress.unsafelyUnwrapped + offset
    switch column.storage {
    case .boolean(let bits):
      for row in rows {
        unsafe target.storeBytes(
          of: bits[row] ? 1 : 0, toByteOffset: (row - rows.lowerBound) * layout.byteCount,
          as: UInt8.self)
      }
    case .int8(let values): unsafe write(values[rows], target)
    case .int16(let values): unsafe write(values[rows], target)
    case .int32(let values): unsafe write(values[rows], target)
    case .int64(let values): unsafe write(values[rows], target)
    case .float(let values): unsafe write(values[rows], target)
    case .double(let values): unsafe write(values[rows], target)
    case .decimal(let values): unsafe write(values[rows], target)
    case .bytes(let strings): unsafe write(strings, column.validity, rows, target)
    case .void, .list, .structure: preconditionFailure("no value of a record: \(column.type)")
    }
  }

  @inline(__always)
  @unsafe private func write<Value: BitwiseCopyable>(
    _ values: Buffer<Value>, _ target: UnsafeMutableRawPointer
  ) {
    let (source, step) = (values.span, layout.byteCount)
    var place = unsafe target
    for slot in source.indices {
      unsafe place.storeBytes(of: source[slot], as: Value.self)
      unsafe place += step
    }
  }

  @unsafe private mutating func write(
    _ strings: ByteStrings, _ validity: Bitmap?, _ rows: Range<Int>,
    _ target: UnsafeMutableRawPointer
  ) {
    let (offsets, bytes) = unsafe (strings.offsets.pointer, strings.bytes.pointer)
    let step = layout.byteCount
    var place = unsafe target
    var start = unsafe Int(offsets[rows.lowerBound])
    var longest = longestText
    for row in rows {
      let end = unsafe Int(offsets[row &+ 1])
      // What stands under a null is anything.
      let length = validity.map { $0[row] } ?? true ? end &- start : 0
      longest = max(longest, length)
      let entry =
        unsafe length <= KeyEntry.longestShort
        ? KeyEntry(short: bytes + start, length) : entry(forLong: bytes + start, length)
      unsafe place.storeBytes(of: entry, as: KeyEntry.self)
      unsafe place += step
      start = end
    }
    longestText = longest
  }

  @inline(never)
  @unsafe private mutating func entry(
    forLong start: UnsafePointer<UInt8>, _ length: Int
  ) -> KeyEntry {
    defer { unsafe arena.append(from: start, count: length) }
    return KeyEntry(
      low: UInt64(arena.count), high: 0xFF << 56 | UInt64(truncatingIfNeeded: length))
  }
}
