internal import CKernels
internal import Columnar

/// The positions of all delimiters and line ends of a block that are not inside quotes.
struct CSVPositions: ~Copyable {
  /// -1, for what stands before the block, and then the positions, ascending.
  var ends = MutableBuffer<Int32>()
  var quotes = CSVQuotes()
  /// Whether no byte is beyond ASCII.
  var isASCII = true
  /// Records with misplaced quotes, in their order: where they begin, and what is wrong where.
  var misquoted: [(start: Int, offset: Int, message: String)] = []
}

/// How a block uses double quotes.
struct CSVQuotes {
  /// Some fields are quoted.
  var areUsed = false
  /// Quoted fields hold doubled quotes.
  var areDoubled = false
}

/// The positions in a block, or in a part of one that ends anywhere.
func csvPositions(_ bytes: Buffer<UInt8>, delimiter: UInt8) -> CSVPositions {
  var scan = CSVScan(bytes, delimiter)
  if let positions = scan.positions() { return positions }
  return carefulCSVPositions(bytes, delimiter: delimiter)
}

/// The length of the longest prefix that consists of whole records.
func prefixOfWholeRecords(_ bytes: Buffer<UInt8>, delimiter: UInt8) -> Int {
  if firstIndex(of: doubleQuote, in: bytes) == nil { return prefixOfWholeLines(bytes) }
  var scan = CSVScan(bytes, delimiter)
  if let end = scan.lastLineEnd() { return end + 1 }
  let positions = carefulCSVPositions(bytes, delimiter: delimiter)
  var index = positions.ends.count - 1
  while index > 0 {
    let end = Int(positions.ends[index])
    if bytes[end] == lineFeed { return end + 1 }
    index -= 1
  }
  return 0
}

let doubleQuote = UInt8(ascii: "\"")
let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")

/// Goes over a block 64 bytes at a time, with a bit for each byte.
///
/// It knows only quotes that open a field, close it before a separator, or are doubled inside of
/// it. Where others turn up it gives up, and ``carefulCSVPositions(_:delimiter:)`` takes over.
@safe private struct CSVScan {
  // SAFETY: a buffer may be read 64 bytes behind its end; bits of bytes behind it are masked.
  private let source: UnsafePointer<UInt8>
  private let bytes: Buffer<UInt8>
  private let delimiter: UInt8
  private var quotes = CSVQuotes()
  private var isMisquoted = false
  // What the last 64 bytes leave to the next: all bits are set while a quoted field goes on; in the
  // others bit 0 speaks of the byte before.
  private var isInside: UInt64 = 0
  private var mayOpen: UInt64 = 1
  private var hasClosed: UInt64 = 0
  private var hasReturned: UInt64 = 0

  init(_ bytes: Buffer<UInt8>, _ delimiter: UInt8) {
    unsafe source = bytes.pointer
    self.bytes = bytes
    self.delimiter = delimiter
  }

  /// - Returns: nil when quotes are misplaced or the last one is not closed.
  mutating func positions() -> CSVPositions? {
    var positions = CSVPositions()
    // Of the shortest fields there is one in two bytes; as much is rarely needed.
    var ends = MutableBuffer<Int32>(capacity: bytes.count / 8 + 128)
    ends.append(-1)
    for base in stride(from: 0, to: bytes.count, by: 64) {
      let valid = validity(at: base)
      if unsafe kernel_mask_high_64(source + base) & valid != 0 { positions.isASCII = false }
      let separators = separators(at: base, valid)
      ends.reserve(128)
      let written = unsafe kernel_bit_positions(
        separators, Int32(truncatingIfNeeded: base), ends.pointer + ends.count)
      unsafe ends.setCount(ends.count &+ written)
    }
    if isMisquoted || isInside != 0 || endsInReturn { return nil }
    positions.ends = ends
    positions.quotes = quotes
    return positions
  }

  /// Whether the block ends with a CR behind a quote, which then belongs to no line end.
  private var endsInReturn: Bool {
    let count = bytes.count
    return count >= 2 && bytes[count - 1] == carriageReturn && bytes[count - 2] == doubleQuote
  }

  /// The last line feed that ends a record.
  ///
  /// - Returns: -1 when there is none, nil when quotes are misplaced.
  mutating func lastLineEnd() -> Int? {
    var last = -1
    for base in stride(from: 0, to: bytes.count, by: 64) {
      let separators = separators(at: base, validity(at: base))
      let ends = unsafe separators & kernel_mask_equal_64(source + base, lineFeed)
      if ends != 0 { last = base &+ 63 &- ends.leadingZeroBitCount }
    }
    return isMisquoted ? nil : last
  }

  @inline(__always)
  private func validity(at base: Int) -> UInt64 {
    let rest = bytes.count &- base
    return rest >= 64 ? ~0 : 1 &<< UInt64(truncatingIfNeeded: rest) &- 1
  }

  /// The delimiters and line feeds among 64 bytes that are not quoted.
  @inline(__always)
  private mutating func separators(at base: Int, _ valid: UInt64) -> UInt64 {
    let text = unsafe source + base
    let separators = unsafe kernel_mask_either_64(text, delimiter, lineFeed) & valid
    let quoted = unsafe kernel_mask_equal_64(text, doubleQuote) & valid
    if quoted | isInside | hasClosed | hasReturned == 0 {
      mayOpen = separators &>> 63
      return separators
    }
    return unquoted(separators, quoted, at: base, valid)
  }

  private mutating func unquoted(
    _ separators: UInt64, _ quoted: UInt64, at base: Int, _ valid: UInt64
  ) -> UInt64 {
    // A quote that opens is inside by this count, one that closes is not; of a doubled one, the
    // first closes and the second opens again.
    let inside = kernel_prefix_xor(quoted) ^ isInside
    let structural = separators & ~inside
    let opens = quoted & inside
    let closes = quoted & ~inside
    let behindClose = closes &<< 1 | hasClosed
    let fieldStarts = structural &<< 1 | mayOpen
    let returns = unsafe kernel_mask_equal_64(source + base, carriageReturn) & behindClose & valid
    let behindReturn = returns &<< 1 | hasReturned
    var wrong = opens & ~(fieldStarts | behindClose)
    wrong |= behindClose & ~(structural | quoted | returns)
    wrong |= unsafe behindReturn & ~kernel_mask_equal_64(source + base, lineFeed)
    if wrong & valid != 0 { isMisquoted = true }
    quotes.areUsed = true
    if opens & behindClose != 0 { quotes.areDoubled = true }
    isInside = inside &>> 63 == 0 ? 0 : ~0
    mayOpen = structural &>> 63
    hasClosed = closes &>> 63
    hasReturned = returns &>> 63
    return structural
  }
}
