import Columnar

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

/// The values of one argument by row.
struct Lane<Element: BitwiseCopyable> {
  let values: Buffer<Element>
  let isConstant: Bool

  init(_ values: Buffer<Element>, isConstant: Bool) {
    self.values = values
    self.isConstant = isConstant
  }

  @inline(__always)
  subscript(row: Int) -> Element { values[isConstant ? 0 : row] }
}

struct StringLane {
  let strings: ByteStrings
  let isConstant: Bool

  init(_ strings: ByteStrings, isConstant: Bool) {
    self.strings = strings
    self.isConstant = isConstant
  }

  @inline(__always)
  subscript(row: Int) -> Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = strings[isConstant ? 0 : row]
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  func bytes(_ row: Int) -> [UInt8] {
    strings.bytes[strings.range(isConstant ? 0 : row)].elements
  }

  func string(_ row: Int) -> String { strings.string(isConstant ? 0 : row) }
}

struct ListLane {
  let offsets: Buffer<Int32>
  let elements: Column
  let isConstant: Bool

  /// Where the elements of a row's list stand in `elements`.
  @inline(__always)
  subscript(row: Int) -> Range<Int> {
    let slot = isConstant ? 0 : row
    return Int(offsets[slot])..<Int(offsets[slot + 1])
  }
}

// MARK: - Making results row by row

extension Arguments {
  /// A value for each row; nil is null.
  @inline(__always)
  private func buffer<Element: BitwiseCopyable>(
    _ zero: Element, _ body: (Int) throws -> Element?
  ) throws -> (Buffer<Element>, Bitmap?) {
    var values = MutableBuffer<Element>(capacity: rowCount)
    let valid = validity
    var result = ValidityBuilder()
    for row in 0..<rowCount {
      var value: Element?
      if valid.map({ $0[row] }) ?? true {
        do {
          value = try body(row)
        } catch let reason as Reason {
          guard isTrying else { throw RowFailure(row: row, reason) }
        }
      }
      values.append(value ?? zero)
      result.append(value != nil)
    }
    return (values.take(), result.take())
  }

  @inline(__always)
  func makeInt32s(_ body: (Int) throws -> Int32?) throws -> Column {
    let (values, validity) = try buffer(0, body)
    return Column(type, .int32(values), validity: validity)
  }

  @inline(__always)
  func makeInt64s(_ body: (Int) throws -> Int64?) throws -> Column {
    let (values, validity) = try buffer(0, body)
    return Column(type, .int64(values), validity: validity)
  }

  @inline(__always)
  func makeDoubles(_ body: (Int) throws -> Double?) throws -> Column {
    let (values, validity) = try buffer(0, body)
    return Column(type, .double(values), validity: validity)
  }

  @inline(__always)
  func makeDecimals(_ body: (Int) throws -> Int128?) throws -> Column {
    let (values, validity) = try buffer(0, body)
    return Column(type, .decimal(values), validity: validity)
  }

  @inline(__always)
  func makeBooleans(_ body: (Int) throws -> Bool?) throws -> Column {
    var bits = BitmapBuilder(capacity: rowCount)
    let valid = validity
    var result = ValidityBuilder()
    for row in 0..<rowCount {
      var value: Bool?
      if valid.map({ $0[row] }) ?? true {
        do {
          value = try body(row)
        } catch let reason as Reason {
          guard isTrying else { throw RowFailure(row: row, reason) }
        }
      }
      bits.append(value ?? false)
      result.append(value != nil)
    }
    return Column(type, .boolean(bits.take()), validity: result.take())
  }

  /// A string (or binary) for each row.
  ///
  /// - Parameter body: appends the row's bytes to the buffer; false is null.
  @inline(__always)
  func makeStrings(
    _ body: (Int, inout MutableBuffer<UInt8>) throws -> Bool
  ) throws -> Column {
    var strings = ByteStringsBuilder(capacity: rowCount)
    let valid = validity
    var result = ValidityBuilder()
    for row in 0..<rowCount {
      let start = strings.byteCount
      var hasValue = false
      if valid.map({ $0[row] }) ?? true {
        do {
          hasValue = try body(row, &strings.bytes)
        } catch let reason as Reason {
          guard isTrying else { throw RowFailure(row: row, reason) }
        }
      }
      if !hasValue { strings.bytes.truncate(to: start) }
      guard strings.byteCount <= Int(Int32.max) else { throw RowFailure(row: row, .tooLarge) }
      strings.closeValue()
      result.append(hasValue)
    }
    return Column(type, .bytes(strings.take()), validity: result.take())
  }
}

extension MutableBuffer<UInt8> {
  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      for offset in bytes.indices { unsafe append(bytes[offset]) }
    }
  }
}

extension Reason {
  static let tooLarge = Reason(
    "COLLECTION_SIZE_LIMIT_EXCEEDED", "the texts of a batch are longer than 2 GiB together")
}
