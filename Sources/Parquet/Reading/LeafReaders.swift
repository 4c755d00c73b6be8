import CKernels
import Columnar

/// A leaf of a row group, as rows are made of it.
protocol LeafReader: AnyObject {
  /// Rows that are there in full.
  var rowCount: Int { get }
  /// Reads on until so many rows are there, or enough bytes, or all.
  func fill(_ wanted: Int) throws(ParquetError)
}

/// What leaves may hold in memory.
enum LeafLimits {
  /// Of strings and elements of one leaf, before no more rows are added to a batch.
  ///
  /// Many leaves share what a batch should take.
  static func byteCount(leafCount: Int) -> Int {
    min(32 << 20, max(1 << 20, (256 << 20) / max(1, leafCount)))
  }

  /// Elements of a single row.
  static let rowEntryCount = 1 << 26
  /// Strings of a single row with lists: a dictionary makes very many of a few bytes.
  static let rowByteCount = 512 << 20
}

/// A leaf that is a column: an entry a row.
final class FlatLeafReader: LeafReader {
  private let pages: ChunkPages
  private var page: DataPage?
  private var entriesLeft = 0
  private var rows = ColumnQueue()
  private let isOptional: Bool
  private let byteCountMax: Int

  /// - Parameter byteCountMax: of strings; then no more rows are added.
  init(_ pages: ChunkPages, byteCountMax: Int) {
    self.pages = pages
    self.byteCountMax = byteCountMax
    isOptional = pages.leaf.levels.definition > 0
  }

  var rowCount: Int { rows.count }

  func fill(_ wanted: Int) throws(ParquetError) {
    while rows.count < wanted, rows.byteCount < byteCountMax {
      if entriesLeft == 0 {
        page = try pages.next()
        entriesLeft = page?.entryCount ?? 0
        if page == nil { return }
      }
      guard let column = try read(wanted - rows.count) else { return }
      rows.append(column)
    }
  }

  private func read(_ wanted: Int) throws(ParquetError) -> Column? {
    let room = byteCountMax - rows.byteCount
    guard
      let count = try page?.values.count(upTo: min(wanted, entriesLeft), within: room)
    else { return nil }
    entriesLeft -= count
    guard isOptional else { return try page?.values.next(count) }
    var bits = BitmapBuilder(capacity: count)
    try page?.definitions?.append(count, to: &bits)
    let validity = bits.take()
    return try page?.values.next(validity.setCount).spread(over: validity)
  }

  func take(_ count: Int) -> Column { rows.take(count, type: pages.leaf.type) }
}

/// Entries of a leaf that make whole rows.
struct LeafEntries {
  /// nil where no list is around the leaf.
  let repetitions: Buffer<UInt8>?
  let definitions: Buffer<UInt8>
  /// A value for each entry whose definition level says so.
  let values: Column
}

/// A leaf within structs and lists.
final class NestedLeafReader: LeafReader {
  private let pages: ChunkPages
  private var page: DataPage?
  private var entriesLeft = 0
  private var repetitions = MutableBuffer<UInt8>()
  private var definitions = MutableBuffer<UInt8>()
  private var values = ColumnQueue()
  /// Rows of which an entry is there.
  private var rowsBegun = 0
  private var isAtEnd = false
  private let isRepeated: Bool
  private let definitionMax: Int
  private let byteCountMax: Int

  private static let stepCount = 8192
  /// What an entry takes, about: its levels, and a number or the end of a string.
  private static let entryByteCount = 16

  /// - Parameter byteCountMax: of what waits; then no more rows are added.
  init(_ pages: ChunkPages, byteCountMax: Int) {
    self.pages = pages
    self.byteCountMax = byteCountMax
    isRepeated = pages.leaf.levels.slotRepetition > 0
    definitionMax = pages.leaf.levels.definition
  }

  /// The last one may go on in the next page.
  var rowCount: Int { isAtEnd || !isRepeated ? rowsBegun : max(0, rowsBegun - 1) }

  func fill(_ wanted: Int) throws(ParquetError) {
    while rowCount < wanted, rowCount == 0 || byteCount < byteCountMax, !isAtEnd {
      if entriesLeft == 0 {
        page = try pages.next()
        entriesLeft = page?.entryCount ?? 0
        isAtEnd = page == nil
        continue
      }
      try read()
      // Without a row in full, all that waits is one.
      guard rowCount > 0 || definitions.count <= LeafLimits.rowEntryCount else {
        throw .column(
          pages.leaf.path, "a row of more than \(LeafLimits.rowEntryCount) elements is not read")
      }
      guard rowCount > 0 || values.byteCount <= LeafLimits.rowByteCount else {
        throw .column(
          pages.leaf.path, "a row of more than \(LeafLimits.rowByteCount >> 20) MiB is not read")
      }
    }
  }

  /// Of what waits, about.
  private var byteCount: Int {
    definitions.count * NestedLeafReader.entryByteCount + values.byteCount
  }

  private func read() throws(ParquetError) {
    let step = min(NestedLeafReader.stepCount, entriesLeft)
    guard let count = try page?.values.count(upTo: step, within: byteCountMax) else { return }
    entriesLeft -= count
    let first = definitions.count
    if isRepeated {
      let wasEmpty = repetitions.count == 0
      try page?.repetitions?.append(
        count, upTo: pages.leaf.levels.slotRepetition, to: &repetitions)
      let begun = repetitions.count(of: 0, from: first)
      guard !wasEmpty || repetitions[0] == 0 else {
        throw .malformed("the column '\(pages.leaf.path)' begins in the middle of a row")
      }
      rowsBegun += begun
    } else {
      rowsBegun += count
    }
    if definitionMax > 0 {
      try page?.definitions?.append(count, upTo: definitionMax, to: &definitions)
    } else {
      definitions.append(repeating: 0, count: count)
    }
    let valueCount = definitions.count(of: UInt8(definitionMax), from: first)
    if let column = try page?.values.next(valueCount) { values.append(column) }
  }

  /// - Parameter count: at most ``rowCount``.
  func take(_ count: Int) -> LeafEntries {
    let end = isRepeated ? repetitions.place(ofZero: count) : count
    rowsBegun -= count
    let all = definitions.take()
    let taken = all[0..<end]
    definitions.append(contentsOf: all[end..<all.count].span)
    var takenRepetitions: Buffer<UInt8>?
    if isRepeated {
      let all = repetitions.take()
      takenRepetitions = all[0..<end]
      repetitions.append(contentsOf: all[end..<all.count].span)
    }
    return LeafEntries(
      repetitions: takenRepetitions, definitions: taken,
      values: values.take(
        taken.span.count(of: UInt8(definitionMax), from: 0), type: pages.leaf.type))
  }
}

extension Span<UInt8> {
  /// - Parameter first: at most `count`.
  fileprivate func count(of byte: UInt8, from first: Int) -> Int {
    unsafe withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe kernel_count_equal(start + first, bytes.count - first, byte)
    }
  }
}

extension MutableBuffer<UInt8> {
  fileprivate func count(of byte: UInt8, from first: Int) -> Int {
    span.count(of: byte, from: first)
  }

  /// Where the zero with that number is; the end if there are not so many.
  fileprivate func place(ofZero number: Int) -> Int {
    let span = span
    var left = number
    for place in span.indices where span[place] == 0 {
      if left == 0 { return place }
      left -= 1
    }
    return span.count
  }
}
