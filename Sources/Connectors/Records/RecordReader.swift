internal import Checkpoint
internal import Diagnostics
internal import Formats

/// A file, a part of one or a stream that is open to be cut into blocks.
struct RecordReader {
  /// nil for a stream.
  let segment: FileSegment?
  /// Of the part; of the whole file until the header was read.
  private(set) var blocks: BlockReader
  private(set) var isDecoded = false
  /// Adapted to the file.
  let options: ReadOptions

  private let opener: InputOpener
  private let plan: InputPlan
  private let stop: StopSignal
  private let pool: BlockPool

  /// - Parameter needsPlaces: the input keeps account of the places of its rows.
  init(
    _ segment: FileSegment?, _ opener: InputOpener, _ plan: InputPlan, stop: StopSignal,
    pool: BlockPool, needsPlaces: Bool
  ) throws(StreamError) {
    self.segment = segment
    self.opener = opener
    self.plan = plan
    self.stop = stop
    self.pool = pool
    options = opener.options(segment, plan)
    if let segment, needsPlaces || segment.isPart, segment.start == 0 || !plan.hasHeaders {
      let opened = try opener.open(segment, plan)
      isDecoded = opened.isDecoded
      blocks = RecordReader.blocks(opened.bytes, at: segment.start, plan, stop, pool)
    } else {
      blocks = RecordReader.blocks(
        try opener.openWhole(segment, plan), at: 0, plan, stop, pool)
    }
  }

  var name: String? { segment?.file.name }

  /// Reads the header; behind it the part begins.
  ///
  /// - Returns: `end` when there is none.
  mutating func takeHeader(until deadline: Deadline) throws(StreamError) -> Supply<FileHeader> {
    let header: CSVHeader
    switch try blocks.header(until: deadline, delimiter: options.delimiter, limits: plan.limits) {
    case .item(let read): header = read
    case .nothingYet(let since): return .nothingYet(idleSince: since)
    case .end:
      if let segment, segment.start > 0 { throw segment.notWhatItWas() }
      return .end
    }
    let found = FileHeader(header, start: segment?.start ?? 0)
    guard let segment, segment.start > 0 else {
      blocks.skip(header.byteCount)
      if let segment, segment.headerSum ?? found.sum != found.sum { throw segment.notWhatItWas() }
      return .item(found)
    }
    guard segment.start >= header.byteCount, segment.headerSum ?? found.sum == found.sum else {
      throw segment.notWhatItWas()
    }
    let opened = try opener.open(segment, plan)
    isDecoded = opened.isDecoded
    blocks = RecordReader.blocks(opened.bytes, at: segment.start, plan, stop, pool)
    return .item(found)
  }

  private static func blocks(
    _ bytes: any ByteInput, at offset: Int64, _ plan: InputPlan, _ stop: StopSignal,
    _ pool: BlockPool
  ) -> BlockReader {
    BlockReader(bytes, limits: plan.limits, startingAt: offset, stop: stop, pool: pool) { _ in 0 }
  }
}

/// The header of a CSV file, and where the records begin.
struct FileHeader {
  let header: CSVHeader
  let position: Int64
  let sum: String

  fileprivate init(_ header: CSVHeader, start: Int64) {
    self.header = header
    position = max(start, Int64(header.byteCount))
    sum = header.checksum
  }
}

extension InputPlan {
  var hasHeaders: Bool { format == .csv && options.hasHeader }
}

extension CSVHeader {
  /// Of the names and of how much of the file they take.
  fileprivate var checksum: String {
    Checksum.text(of: (["\(byteCount)"] + names).joined(separator: "\u{0}").utf8)
  }
}
