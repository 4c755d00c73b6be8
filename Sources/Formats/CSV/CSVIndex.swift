internal import Columnar

/// Where the fields of a block's records are: the first of the two phases of CSV parsing.
///
/// Field `f` of record `r` lies behind entry `r * stride + f` of ``ends`` and before the next one.
/// Its quotes are part of it; so is, in the last field, the CR of a line end.
struct CSVIndex {
  /// Positions of delimiters and line ends, -1 for what stands before the block. A last record
  /// without a line end has one behind the block.
  let ends: Buffer<Int32>
  /// As many as a record has fields, or one more if not each begins behind the previous one.
  let stride: Int
  let recordCount: Int
  let quotes: CSVQuotes
  let isASCII: Bool
  /// Line feeds in the block, those inside quotes too.
  let lineCount: Int
  /// Records whose structure is wrong, ascending.
  let flaws: [CSVFlaw]

  /// Where a record begins and where its line end is.
  func record(_ row: Int, fieldCount: Int) -> Range<Int> {
    Int(ends[row * stride]) + 1..<Int(ends[row * stride + fieldCount])
  }
}

/// What is wrong with a record.
struct CSVFlaw: Equatable {
  /// Where it begins and where its line end is, in the block.
  var record: Range<Int>
  /// Where in the block it goes wrong.
  var offset: Int
  var message: String
  /// Its number among the indexed records; nil if it is not one of them.
  var row: Int?
}

/// What a record of a file looks like.
struct CSVShape {
  let delimiter: UInt8
  let fieldCount: Int
  /// Whether a malformed record is indexed, as one whose fields are all empty.
  let keepsMalformed: Bool
}

/// Finds the fields of all records of a block.
///
/// A line without any bytes is no record, but in a file of one column it is an empty field.
///
/// - Parameter bytes: whole records, less than 2 GiB.
func indexCSV(_ bytes: Buffer<UInt8>, _ shape: CSVShape) -> CSVIndex {
  precondition(bytes.count < Int(Int32.max) - shape.fieldCount)
  var positions = csvPositions(bytes, delimiter: shape.delimiter)
  let last = Int(positions.ends[positions.ends.count - 1])
  let isTerminated = bytes.count == 0 || (last == bytes.count - 1 && bytes[last] == lineFeed)
  if !isTerminated { positions.ends.append(Int32(bytes.count)) }
  let count = positions.ends.count - 1
  if positions.misquoted.isEmpty, isRegular(positions, bytes, shape, isTerminated: isTerminated) {
    let rows = count / shape.fieldCount
    let lines = rows - (isTerminated ? 0 : 1)
    let quotes = positions.quotes
    let isASCII = positions.isASCII
    return CSVIndex(
      ends: positions.ends.take(), stride: shape.fieldCount, recordCount: rows, quotes: quotes,
      isASCII: isASCII, lineCount: quotes.areUsed ? Formats.count(of: lineFeed, in: bytes) : lines,
      flaws: [])
  }
  var sorter = CSVRecordSorter(positions.misquoted, bytes, shape)
  sorter.sort(positions.ends)
  return sorter.finish(positions.quotes, isASCII: positions.isASCII)
}

/// Whether every record has as many fields as it should have.
private func isRegular(
  _ positions: borrowing CSVPositions, _ bytes: Buffer<UInt8>, _ shape: CSVShape, isTerminated: Bool
) -> Bool {
  let count = positions.ends.count - 1
  guard count % shape.fieldCount == 0 else { return false }
  // SAFETY: positions are below the count of bytes but for the last of a block that lacks its last
  // line end: behind that one 64 bytes may be read, and its byte is not looked at.
  let (ends, source) = unsafe (positions.ends.span, bytes.pointer)
  var difference: UInt8 = 0
  var index = 1
  for row in 0..<count / shape.fieldCount {
    for _ in 1..<shape.fieldCount {
      difference |= unsafe source[Int(ends[index])] ^ shape.delimiter
      index &+= 1
    }
    let isOpen = !isTerminated && row == count / shape.fieldCount - 1
    difference |= isOpen ? 0 : unsafe source[Int(ends[index])] ^ lineFeed
    index &+= 1
  }
  return difference == 0
}

/// Tells records from what is none, where not all have the same number of fields.
private struct CSVRecordSorter: ~Copyable {
  private let bytes: Buffer<UInt8>
  private let shape: CSVShape
  private let misquoted: [(start: Int, offset: Int, message: String)]
  private var nextMisquoted = 0
  private var ends = MutableBuffer<Int32>()
  private var recordCount = 0
  private var flaws: [CSVFlaw] = []
  /// The last message about a number of fields: where one record is ragged, mostly all are.
  private var raggedness = (found: 0, message: "")

  init(
    _ misquoted: [(start: Int, offset: Int, message: String)], _ bytes: Buffer<UInt8>,
    _ shape: CSVShape
  ) {
    self.misquoted = misquoted
    self.bytes = bytes
    self.shape = shape
  }

  mutating func sort(_ positions: borrowing MutableBuffer<Int32>) {
    let span = positions.span
    ends.reserve(span.count + span.count / shape.fieldCount)
    var first = 0
    for index in 1..<max(1, span.count) {
      let end = Int(span[index])
      guard end == bytes.count || bytes[end] == lineFeed else { continue }
      if let flaw = flaw(span, first, index) {
        add(flaw)
      } else if !isBlank(span, first, index) {
        for entry in first...index { ends.append(span[entry]) }
        recordCount += 1
      }
      first = index
    }
  }

  /// - Parameters:
  ///   - first: the entry before the record's first field.
  ///   - last: the entry behind its last field.
  private mutating func flaw(_ span: borrowing Span<Int32>, _ first: Int, _ last: Int) -> CSVFlaw? {
    let record = Int(span[first]) + 1..<Int(span[last])
    if nextMisquoted < misquoted.count, misquoted[nextMisquoted].start == record.lowerBound {
      let known = misquoted[nextMisquoted]
      nextMisquoted += 1
      return CSVFlaw(record: record, offset: known.offset, message: known.message)
    }
    let (found, expected) = (last - first, shape.fieldCount)
    guard found != expected, !isBlank(span, first, last) else { return nil }
    let offset = found > expected ? Int(span[first + expected]) + 1 : record.upperBound
    if raggedness.found != found {
      let noun = expected == 1 ? "field" : "fields"
      raggedness = (found, "expected \(expected) \(noun) but found \(found)")
    }
    return CSVFlaw(record: record, offset: offset, message: raggedness.message)
  }

  private func isBlank(_ span: borrowing Span<Int32>, _ first: Int, _ last: Int) -> Bool {
    guard last == first + 1, shape.fieldCount > 1 else { return false }
    let (start, end) = (Int(span[first]) + 1, Int(span[last]))
    return start == end || (start + 1 == end && end < bytes.count && bytes[start] == carriageReturn)
  }

  private mutating func add(_ flaw: CSVFlaw) {
    flaws.append(flaw)
    guard shape.keepsMalformed else { return }
    flaws[flaws.count - 1].row = recordCount
    recordCount += 1
    for field in 0...shape.fieldCount {
      ends.append(Int32(flaw.record.lowerBound - 1 + field))
    }
  }

  consuming func finish(_ quotes: CSVQuotes, isASCII: Bool) -> CSVIndex {
    CSVIndex(
      ends: ends.take(), stride: shape.fieldCount + 1, recordCount: recordCount, quotes: quotes,
      isASCII: isASCII, lineCount: Formats.count(of: lineFeed, in: bytes), flaws: flaws)
  }
}
