import Columnar

/// Makes columns of the nodes and buffers of a batch. Arrow columnar format, "RecordBatch message".
///
/// What it makes is safe to use without another look: offsets ascend and stay inside their data,
/// strings are UTF-8, decimals have no more digits than their type says. Slots under a null hold
/// anything that the type allows.
struct ColumnDecoder {
  let body: BatchBody
  let plan: StreamPlan
  let dictionaries: Dictionaries
  private var node = 0
  private var buffer = 0
  private var variadic = 0

  init(body: BatchBody, plan: StreamPlan, dictionaries: Dictionaries) {
    self.body = body
    self.plan = plan
    self.dictionaries = dictionaries
  }

  /// Goes to the beginning of a column.
  mutating func move(to index: Int) throws(ArrowError) {
    let start = plan.starts[index]
    (node, buffer, variadic) = (start.node, start.buffer, start.variadic)
    for index in 0..<variadic { buffer += try body.variadicCount(index) }
  }

  mutating func nextBuffer() throws(ArrowError) -> BodyBuffer {
    defer { buffer += 1 }
    return try body.buffer(buffer, plan.decompressor)
  }

  mutating func nextVariadicCount() throws(ArrowError) -> Int {
    defer { variadic += 1 }
    return try body.variadicCount(variadic)
  }

  /// The next column or child.
  mutating func column(_ plan: ColumnPlan) throws(ArrowError) -> Column {
    let (count, nullCount) = try body.node(node)
    node += 1
    if plan.arrow == .null { return Column(.void, .void(count: count)) }
    let slots = Slots(
      path: plan.path, count: count, validity: try validity(plan, count, nullCount))
    if let dictionary = plan.dictionary { return try indexed(plan, dictionary, slots) }
    switch plan.arrow {
    case .list, .map, .fixedList: return try list(plan, slots)
    case .structure:
      var fields: [Column] = []
      for child in plan.children {
        let field = try column(child)
        guard field.count >= count else {
          throw slots.error("expected \(count) values of '\(child.name)' but found \(field.count)")
        }
        fields.append(field[0..<count])
      }
      return Column(plan.type, .structure(fields, count: count), validity: slots.validity)
    case .utf8, .binary, .utf8View, .binaryView, .fixedBinary:
      let strings = try byteStrings(plan, slots)
      let values = plan.type == .string ? try slots.checkingUTF8(strings) : strings
      return Column(plan.type, .bytes(values), validity: slots.validity)
    default:
      let storage = try slots.storage(plan.arrow, plan.type, try nextBuffer())
      return Column(plan.type, storage, validity: slots.validity)
    }
  }

  private mutating func validity(
    _ plan: ColumnPlan, _ count: Int, _ nullCount: Int
  ) throws(ArrowError) -> Bitmap? {
    let bytes = try nextBuffer()
    guard nullCount > 0 else { return nil }
    guard let bits = bytes.bits(count) else {
      throw .column(plan.path, "its validity bitmap is shorter than its \(count) values")
    }
    return bits
  }
}

/// The places for values of a column: how many, and which are null.
struct Slots {
  let path: String
  let count: Int
  let validity: Bitmap?

  func error(_ what: String) -> ArrowError { .column(path, what) }

  func isValid(_ index: Int) -> Bool { validity.map { $0[index] } ?? true }

  /// All values of a buffer.
  func values<Value: BitwiseCopyable>(
    _ type: Value.Type, _ buffer: BodyBuffer, count: Int? = nil
  ) throws(ArrowError) -> Buffer<Value> {
    let needed = count ?? self.count
    guard let values = buffer.values(type, needed) else {
      throw error(
        "expected \(needed) values of \(MemoryLayout<Value>.stride) bytes but found \(buffer.count) bytes"
      )
    }
    return values
  }
}

// MARK: - Lists

extension ColumnDecoder {
  private mutating func list(_ plan: ColumnPlan, _ slots: Slots) throws(ArrowError) -> Column {
    let offsets: Buffer<Int32>
    switch plan.arrow {
    case .fixedList(let length): offsets = try slots.evenOffsets(length)
    case .list(isLarge: true): offsets = try slots.largeOffsets(nextBuffer(), from: 0)
    default: offsets = try slots.offsets(nextBuffer())
    }
    let elements = try column(plan.children[0])
    guard Int(offsets[slots.count]) <= elements.count else {
      throw slots.error("its offsets pass the end of its \(elements.count) elements")
    }
    guard case .map(let key, let value) = plan.type else {
      return Column(
        plan.type, .list(offsets: offsets, elements: elements), validity: slots.validity)
    }
    let entries = try mapEntries(elements, .mapEntry(key: key, value: value), slots)
    return Column(plan.type, .list(offsets: offsets, elements: entries), validity: slots.validity)
  }

  /// The entries of a map, whose fields may have come under other names.
  private func mapEntries(
    _ entries: Column, _ type: DataType, _ slots: Slots
  ) throws(ArrowError) -> Column {
    guard entries.validity == nil, case .structure(let fields, let count) = entries.storage,
      fields[0].nullCount == 0
    else { throw slots.error("a map has a null key") }
    return Column(type, .structure(fields, count: count))
  }
}

// MARK: - Dictionaries

extension ColumnDecoder {
  private mutating func indexed(
    _ plan: ColumnPlan, _ dictionary: DictionaryPlan, _ slots: Slots
  ) throws(ArrowError) -> Column {
    let values = dictionaries[dictionary.id] ?? .empty(plan.type)
    let rows = try slots.indices(plan.arrow, try nextBuffer(), below: values.count)
    if values.count == 0 { return .nulls(plan.type, count: slots.count) }
    if case .bytes(let strings) = values.storage {
      var total = 0
      for row in rows.elements { total += strings.length(Int(row)) }
      guard total <= Int32.max else { throw slots.error("its strings are longer than 2 GiB") }
    }
    let column = values.gathering(rows)
    guard let validity = slots.validity else { return column }
    return column.replacing(validity: column.validity.map { $0 & validity } ?? validity)
  }
}

extension Slots {
  /// The indices of a dictionary-encoded column, 0 for a null.
  fileprivate func indices(
    _ arrow: ArrowType, _ buffer: BodyBuffer, below limit: Int
  ) throws(ArrowError) -> Buffer<Int32> {
    guard case .integer(let bits, let isSigned) = arrow else { throw error("it has no indices") }
    switch (bits, isSigned) {
    case (8, true): return try indices(values(Int8.self, buffer), below: limit)
    case (8, false): return try indices(values(UInt8.self, buffer), below: limit)
    case (16, true): return try indices(values(Int16.self, buffer), below: limit)
    case (16, false): return try indices(values(UInt16.self, buffer), below: limit)
    case (32, true): return try indices(values(Int32.self, buffer), below: limit)
    case (32, false): return try indices(values(UInt32.self, buffer), below: limit)
    case (64, true): return try indices(values(Int64.self, buffer), below: limit)
    default: return try indices(values(UInt64.self, buffer), below: limit)
    }
  }

  private func indices<Index: FixedWidthInteger & BitwiseCopyable>(
    _ source: Buffer<Index>, below limit: Int
  ) throws(ArrowError) -> Buffer<Int32> {
    let span = source.span
    var wrong: Int?
    let rows = Buffer<Int32>(count: count) { output in
      for index in span.indices {
        let row = Int(truncatingIfNeeded: span[index])
        if row >= 0, row < limit, isValid(index) {
          output.append(Int32(row))
        } else {
          if isValid(index) { wrong = wrong ?? index }
          output.append(0)
        }
      }
    }
    if let wrong {
      throw error("row \(wrong): entry \(source[wrong]) is not in its dictionary of \(limit)")
    }
    return rows
  }
}
