internal import CKernels
internal import Columnar
internal import Scalars

/// The values of one node of a plan, collected record by record.
///
/// Everything can be cut back to an earlier count, so that a malformed record leaves nothing behind.
/// Between two values of an object its children have as many values as it has itself.
@safe
struct JSONNode: ~Copyable {
  let kind: JSONKind
  /// Its place in the plan.
  let index: Int
  private(set) var count = 0
  // SAFETY: they belong to the reader that this node belongs to, and live as long.
  @unsafe let children: UnsafeMutablePointer<JSONNode>
  let childCount: Int
  let positions: [Int]
  /// The type says the rest: decimals need their digits, small integers their bounds.
  let type: DataType

  /// The keys of the object in the order in which the last records had them.
  var keys = JSONKeys()
  var timestamps: TimestampParser

  /// The positions of the nulls, ascending.
  private var nulls = MutableBuffer<Int32>()
  /// Of strings, a byte for each boolean.
  private var bytes = MutableBuffer<UInt8>()
  /// Where the strings and lists end.
  private var offsets = MutableBuffer<Int32>()
  /// Integers of 32 bits and fewer, dates.
  private var ints = MutableBuffer<Int32>()
  private var longs = MutableBuffer<Int64>()
  private var doubles = MutableBuffer<Double>()
  private var floats = MutableBuffer<Float>()
  private var decimals = MutableBuffer<Int128>()

  @unsafe
  init(
    _ node: JSONPlan.Node, index: Int, siblings: UnsafeMutablePointer<JSONNode>,
    timestamps: TimestampParser
  ) {
    kind = node.kind
    type = node.type
    positions = node.positions
    self.index = index
    unsafe children = siblings + node.children.lowerBound
    childCount = node.children.count
    self.timestamps = timestamps
    switch kind {
    case .string, .binary, .text, .list, .map: offsets.append(0)
    default: break
    }
  }
}

// MARK: - Appending

extension JSONNode {
  /// Appends a string or a binary of at most 64 bytes.
  @inline(__always)
  mutating func append(short start: JSONCursor, count length: Int) {
    bytes.reserve(64)
    unsafe kernel_copy_64(bytes.pointer + bytes.count, start.pointer)
    unsafe bytes.setCount(bytes.count &+ length)
    closeBytes()
  }

  /// Appends a string or a binary.
  mutating func append(_ start: JSONCursor, count length: Int) {
    unsafe bytes.append(from: start.pointer, count: length)
    closeBytes()
  }

  /// Appends a string, however long, with escapes and beyond ASCII.
  ///
  /// - Parameter start: behind the opening quote.
  /// - Returns: the closing quote; nil, with nothing appended, where the string is malformed.
  mutating func append(stringAt start: JSONCursor, _ scanner: inout JSONScanner) -> JSONCursor? {
    guard let end = scanner.copyString(start, into: &bytes) else { return nil }
    closeBytes()
    return end
  }

  /// - Returns: false, with nothing appended, when it is no base64.
  mutating func append(base64 start: JSONCursor, count length: Int) -> Bool {
    guard unsafe bytes.append(base64: start.pointer, count: length) else { return false }
    closeBytes()
    return true
  }

  // The text of a block has at most 2^31 - 1 bytes, and no string is longer than its JSON.
  @inline(__always)
  private mutating func closeBytes() {
    offsets.append(Int32(truncatingIfNeeded: bytes.count))
    count &+= 1
  }

  @inline(__always)
  mutating func append(long value: Int64) {
    longs.append(value)
    count &+= 1
  }

  @inline(__always)
  mutating func append(int value: Int32) {
    ints.append(value)
    count &+= 1
  }

  @inline(__always)
  mutating func append(double value: Double) {
    doubles.append(value)
    count &+= 1
  }

  mutating func append(float value: Float) {
    floats.append(value)
    count &+= 1
  }

  mutating func append(decimal value: Int128) {
    decimals.append(value)
    count &+= 1
  }

  @inline(__always)
  mutating func append(boolean value: Bool) {
    bytes.append(value ? 1 : 0)
    count &+= 1
  }

  /// Ends a list or a map whose elements were appended to the child.
  mutating func closeList() {
    offsets.append(Int32(truncatingIfNeeded: unsafe children[0].count))
    count &+= 1
  }

  /// Ends an object, or a choice of values, whose children were given `given` values in all.
  @inline(__always)
  mutating func closeMembers(given: Int) {
    count &+= 1
    if given != childCount { fillMembers() }
  }

  @inline(never)
  private mutating func fillMembers() {
    for child in 0..<childCount where unsafe children[child].count < count {
      unsafe children[child].appendNull()
    }
  }

  mutating func appendNull() {
    switch kind {
    case .void: break
    case .string, .binary, .text: offsets.append(Int32(truncatingIfNeeded: bytes.count))
    case .list, .map: offsets.append(Int32(truncatingIfNeeded: unsafe children[0].count))
    case .boolean: bytes.append(0)
    case .integer, .date: ints.append(0)
    case .bigint, .timestamp: longs.append(0)
    case .double: doubles.append(0)
    case .float: floats.append(0)
    case .decimal: decimals.append(0)
    case .structure, .members, .elements, .fork:
      for child in 0..<childCount { unsafe children[child].appendNull() }
    }
    nulls.append(Int32(truncatingIfNeeded: count))
    count &+= 1
  }

  /// Makes room for that many times the values that there are.
  mutating func reserve(times factor: Double) {
    func more(_ count: Int) -> Int { Int(Double(count) * factor) }
    bytes.reserve(more(bytes.count))
    offsets.reserve(more(offsets.count))
    ints.reserve(more(ints.count))
    longs.reserve(more(longs.count))
    doubles.reserve(more(doubles.count))
  }
}

// MARK: - Going back

extension JSONNode {
  /// Forgets the values from `kept` on, and what the children have of a value that was begun.
  mutating func truncate(to kept: Int) {
    guard kept <= count else { return }
    count = kept
    while nulls.count > 0, nulls[nulls.count - 1] >= kept { nulls.truncate(to: nulls.count - 1) }
    switch kind {
    case .void: break
    case .string, .binary, .text:
      offsets.truncate(to: kept + 1)
      bytes.truncate(to: Int(offsets[kept]))
    case .list, .map:
      offsets.truncate(to: kept + 1)
      truncateChildren(to: Int(offsets[kept]))
    case .boolean: bytes.truncate(to: kept)
    case .integer, .date: ints.truncate(to: kept)
    case .bigint, .timestamp: longs.truncate(to: kept)
    case .double: doubles.truncate(to: kept)
    case .float: floats.truncate(to: kept)
    case .decimal: decimals.truncate(to: kept)
    case .structure, .members, .elements, .fork: truncateChildren(to: kept)
    }
  }

  private mutating func truncateChildren(to kept: Int) {
    for child in 0..<childCount { unsafe children[child].truncate(to: kept) }
  }

  /// Where the elements of the list begin that is being read.
  var elementStart: Int { Int(offsets[count]) }

  private func stringRange(_ index: Int) -> Range<Int> {
    Int(offsets[index])..<Int(offsets[index + 1])
  }

  /// Whether two strings of this node are equal.
  func haveEqualBytes(_ left: Int, _ right: Int) -> Bool {
    let (first, second) = (stringRange(left), stringRange(right))
    guard first.count == second.count else { return false }
    return zip(first, second).allSatisfy { bytes[$0] == bytes[$1] }
  }

  func stringBytes(_ index: Int) -> [UInt8] { stringRange(index).map { bytes[$0] } }
}

// MARK: - Columns

extension JSONNode {
  /// The column so far, leaving an empty node behind.
  mutating func take() -> Column {
    let taken = Column(type, takeStorage(), validity: takeValidity())
    count = 0
    return taken
  }

  private mutating func takeValidity() -> Bitmap? {
    if nulls.count == 0 || kind == .void { return nil }
    var words = MutableBuffer<UInt64>()
    words.append(repeating: ~0, count: Bitmap.wordCount(count))
    for slot in 0..<nulls.count {
      let index = Int(nulls[slot])
      words[index >> 6] &= ~(1 << UInt64(index & 63))
    }
    nulls.removeAll()
    return Bitmap(words: words.take(), count: count)
  }

  private mutating func takeStorage() -> Storage {
    switch type {
    case .void: return .void(count: count)
    case .boolean: return .boolean(takeBits())
    case .tinyint: return .int8(takeNarrow())
    case .smallint: return .int16(takeNarrow())
    case .int, .date, .yearMonthInterval: return .int32(ints.take())
    case .bigint, .timestamp, .dayTimeInterval: return .int64(longs.take())
    case .float: return .float(floats.take())
    case .double: return .double(doubles.take())
    case .decimal: return .decimal(decimals.take())
    case .string, .binary:
      return .bytes(ByteStrings(offsets: takeOffsets(), bytes: bytes.take()))
    case .array:
      return .list(offsets: takeOffsets(), elements: unsafe children[0].take())
    case .map(let key, let value):
      let entryCount = unsafe children[0].count
      let columns = unsafe [children[0].take(), children[1].take()]
      let entries = Column(
        .mapEntry(key: key, value: value), .structure(columns, count: entryCount))
      return .list(offsets: takeOffsets(), elements: entries)
    case .structure:
      let columns = (0..<childCount).map { unsafe children[$0].take() }
      return .structure(columns, count: count)
    }
  }

  private mutating func takeOffsets() -> Buffer<Int32> {
    let taken = offsets.take()
    offsets.append(0)
    return taken
  }

  private mutating func takeBits() -> Bitmap {
    var words = MutableBuffer<UInt64>(capacity: Bitmap.wordCount(count))
    for word in 0..<Bitmap.wordCount(count) {
      // SAFETY: a buffer has 64 readable bytes behind its end.
      words.append(unsafe kernel_mask_equal_64(bytes.pointer + word * 64, 1))
    }
    bytes.removeAll()
    return Bitmap(words: words.take(), count: count)
  }

  private mutating func takeNarrow<Narrow: FixedWidthInteger & BitwiseCopyable>()
    -> Buffer<Narrow>
  {
    var narrow = MutableBuffer<Narrow>(capacity: count)
    for index in 0..<count { narrow.append(Narrow(truncatingIfNeeded: ints[index])) }
    ints.removeAll()
    return narrow.take()
  }
}
