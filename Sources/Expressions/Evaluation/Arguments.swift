import Columnar
import Scalars

/// What a kernel is given: a vector for each argument, of the types that the binder has settled.
struct Arguments {
  let vectors: [Vector]
  /// The type of the result.
  let type: DataType
  /// How many values the result has; 1 when all arguments are constants.
  let rowCount: Int
  /// Whether rows that fail are null instead.
  let isTrying: Bool
  let context: EvaluationContext

  init(
    vectors: [Vector], type: DataType, rowCount: Int, isTrying: Bool, context: EvaluationContext
  ) {
    precondition(vectors.allSatisfy { $0.column.count >= ($0.isConstant ? 1 : rowCount) })
    self.vectors = vectors
    self.type = type
    self.rowCount = rowCount
    self.isTrying = isTrying
    self.context = context
  }

  func with(_ vectors: [Vector]? = nil, type: DataType) -> Arguments {
    Arguments(
      vectors: vectors ?? self.vectors, type: type, rowCount: rowCount, isTrying: isTrying,
      context: context)
  }

  var count: Int { vectors.count }

  subscript(index: Int) -> Vector { vectors[index] }

  /// The rows in which every argument has a value; nil when that is every row.
  var validity: Bitmap? { commonValidity(of: vectors, count: rowCount) }

  // MARK: - Arguments row by row

  func boolean(_ index: Int, _ row: Int) -> Bool {
    vectors[index].column.booleans[vectors[index].slot(row)]
  }

  func int32s(_ index: Int) -> Lane<Int32> {
    Lane(vectors[index].column.int32s, isConstant: vectors[index].isConstant)
  }

  func int64s(_ index: Int) -> Lane<Int64> {
    Lane(vectors[index].column.int64s, isConstant: vectors[index].isConstant)
  }

  func doubles(_ index: Int) -> Lane<Double> {
    Lane(vectors[index].column.doubles, isConstant: vectors[index].isConstant)
  }

  func decimals(_ index: Int) -> Lane<Int128> {
    Lane(vectors[index].column.decimals, isConstant: vectors[index].isConstant)
  }

  func strings(_ index: Int) -> StringLane {
    StringLane(vectors[index].column.strings, isConstant: vectors[index].isConstant)
  }

  func lists(_ index: Int) -> ListLane {
    let list = vectors[index].column.list
    return ListLane(
      offsets: list.offsets, elements: list.elements, isConstant: vectors[index].isConstant)
  }
}

/// Rows that turn out to have no value while a loop runs.
struct NullRows {
  private var rows: [Int32] = []

  mutating func append(_ row: Int) { rows.append(Int32(truncatingIfNeeded: row)) }

  /// - Parameter valid: what was known before; nil is all rows.
  func validity(_ valid: Bitmap?, count: Int) -> Bitmap? {
    guard !rows.isEmpty else { return valid }
    let nulls = Bitmap(indices: Buffer(rows), count: count)
    return valid.map { $0 - nulls } ?? ~nulls
  }
}

// MARK: - Making results row by row

extension Arguments {
  /// Calls `body` for the rows in which no argument is null, `null` for the others and for those
  /// of which `body` says that they are null.
  ///
  /// - Parameter body: false is null; throws a `Reason` for a row that has no value.
  /// - Returns: the validity of the result.
  @inline(__always)
  func eachRow(
    _ body: (Int) throws -> Bool, null: (Int) -> Void
  ) throws -> Bitmap? {
    let valid = validity
    var nulls = NullRows()
    if let valid {
      let bits = BitLane(valid)
      for row in 0..<rowCount {
        guard bits[row] else {
          null(row)
          continue
        }
        if try !value(of: row, body) {
          null(row)
          nulls.append(row)
        }
      }
    } else {
      for row in 0..<rowCount where try !value(of: row, body) {
        null(row)
        nulls.append(row)
      }
    }
    return nulls.validity(valid, count: rowCount)
  }

  @inline(__always)
  private func value(of row: Int, _ body: (Int) throws -> Bool) throws -> Bool {
    do {
      return try body(row)
    } catch let reason as Reason {
      guard isTrying else { throw RowFailure(row: row, reason) }
      return false
    }
  }

  /// A value for each row; nil is null.
  @inline(__always)
  func make<Element: BitwiseCopyable>(
    _ zero: Element, _ body: (Int) throws -> Element?
  ) throws -> (Buffer<Element>, Bitmap?) {
    let target = RowTarget<Element>(count: rowCount)
    let valid = try eachRow { row in
      guard let value = try body(row) else { return false }
      target[row] = value
      return true
    } null: { row in
      target[row] = zero
    }
    return (target.buffer, valid)
  }

  @inline(__always)
  func makeInt32s(_ body: (Int) throws -> Int32?) throws -> Column {
    let (values, validity) = try make(0, body)
    return Column(type, .int32(values), validity: validity)
  }

  @inline(__always)
  func makeInt64s(_ body: (Int) throws -> Int64?) throws -> Column {
    let (values, validity) = try make(0, body)
    return Column(type, .int64(values), validity: validity)
  }

  @inline(__always)
  func makeDoubles(_ body: (Int) throws -> Double?) throws -> Column {
    let (values, validity) = try make(0, body)
    return Column(type, .double(values), validity: validity)
  }

  @inline(__always)
  func makeDecimals(_ body: (Int) throws -> Int128?) throws -> Column {
    let (values, validity) = try make(0, body)
    return Column(type, .decimal(values), validity: validity)
  }

  @inline(__always)
  func makeBooleans(_ body: (Int) throws -> Bool?) throws -> Column {
    let (bytes, validity) = try make(UInt8(0)) { row in try body(row).map { $0 ? 1 : 0 } }
    let lane = Lane(bytes, isConstant: false)
    return Column(type, .boolean(bits(rowCount) { lane[$0] != 0 }), validity: validity)
  }

  /// A string (or binary) for each row.
  ///
  /// - Parameter body: appends the row's bytes to the buffer; false is null.
  @inline(__always)
  func makeStrings(
    _ body: (Int, inout MutableBuffer<UInt8>) throws -> Bool
  ) throws -> Column {
    var bytes = MutableBuffer<UInt8>(capacity: textLength)
    let offsets = RowTarget<Int32>(count: rowCount + 1)
    var end = 0
    offsets[0] = 0
    let valid = try eachRow { row in
      guard try body(row, &bytes) else { return false }
      end = bytes.count
      guard end <= Int(Int32.max) else { throw RowFailure(row: row, .tooLarge) }
      offsets[row + 1] = Int32(truncatingIfNeeded: end)
      return true
    } null: { row in
      bytes.truncate(to: end)
      offsets[row + 1] = Int32(truncatingIfNeeded: end)
    }
    let strings = ByteStrings(offsets: offsets.buffer, bytes: bytes.take())
    return Column(type, .bytes(strings), validity: valid)
  }

  /// A string for each row, made by writers of text.
  @inline(__always)
  func makeText(_ body: (Int, inout ByteText) throws -> Bool) throws -> Column {
    var text = ByteText(capacity: rowCount * 16)
    let offsets = RowTarget<Int32>(count: rowCount + 1)
    var end = 0
    offsets[0] = 0
    let valid = try eachRow { row in
      guard try body(row, &text) else { return false }
      end = text.count
      guard end <= Int(Int32.max) else { throw RowFailure(row: row, .tooLarge) }
      offsets[row + 1] = Int32(truncatingIfNeeded: end)
      return true
    } null: { row in
      text.truncate(to: end)
      offsets[row + 1] = Int32(truncatingIfNeeded: end)
    }
    var bytes = MutableBuffer<UInt8>(capacity: text.count)
    bytes.append(contentsOf: text.span)
    let strings = ByteStrings(offsets: offsets.buffer, bytes: bytes.take())
    return Column(type, .bytes(strings), validity: valid)
  }

  /// The bytes of all texts among the arguments: a guess at those of the result.
  private var textLength: Int {
    vectors.reduce(0) { sum, vector in
      guard case .bytes(let strings) = vector.column.storage else { return sum }
      return sum + (vector.isConstant ? strings.totalLength * rowCount : strings.totalLength)
    }
  }
}

/// New memory for one value a row, written in any order.
@safe
struct RowTarget<Element: BitwiseCopyable> {
  private let memory: Memory
  private let pointer: UnsafeMutablePointer<Element>
  private let count: Int

  init(count: Int) {
    self.count = count
    memory = Memory(byteCount: count * MemoryLayout<Element>.stride)
    unsafe pointer = memory.pointer(to: Element.self)
  }

  // SAFETY: loops write the rows that they were made for.
  @inline(__always)
  subscript(row: Int) -> Element {
    get { unsafe pointer[row] }
    nonmutating set { unsafe pointer[row] = newValue }
  }

  /// The values, once every row has been written.
  var buffer: Buffer<Element> {
    unsafe Buffer(owner: memory, base: UnsafeMutableRawPointer(pointer), count: count)
  }
}

extension Memory {
  // SAFETY: the block is new and aligned to 64 bytes; its user keeps to its size.
  @inline(__always)
  @unsafe
  func pointer<Element>(to _: Element.Type) -> UnsafeMutablePointer<Element> {
    unsafe mutableBytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
  }
}

extension Reason {
  static let tooLarge = Reason(
    "COLLECTION_SIZE_LIMIT_EXCEEDED", "the texts of a batch are longer than 2 GiB together")
}
