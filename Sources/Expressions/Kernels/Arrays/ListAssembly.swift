import Columnar

/// Lists made of elements of other columns, by slot.
struct ListAssembly: ~Copyable {
  private var sources: [Column] = []
  private var sourceCount = 0
  private var slots = MutableBuffer<Int32>()
  private var offsets = MutableBuffer<Int32>()
  private var validity = ValidityBuilder()
  private let element: DataType
  private var nullSlot: Int?

  init(of element: DataType) {
    self.element = element
    offsets.append(0)
  }

  /// Makes a column's values available.
  ///
  /// - Returns: the slot of its first.
  mutating func add(_ column: Column) -> Int {
    sources.append(column)
    sourceCount += column.count
    return sourceCount - column.count
  }

  /// How many elements all lists have so far.
  var count: Int { slots.count }

  mutating func append(_ slot: Int) { slots.append(Int32(truncatingIfNeeded: slot)) }

  mutating func append(_ range: Range<Int>, from base: Int) {
    for slot in range { append(base + slot) }
  }

  mutating func appendNull() {
    if nullSlot == nil { nullSlot = add(.nulls(element, count: 1)) }
    append(nullSlot ?? 0)
  }

  mutating func closeList(isNull: Bool = false) {
    offsets.append(Int32(truncatingIfNeeded: slots.count))
    validity.append(!isNull)
  }

  mutating func take(_ type: DataType) -> Column {
    let all = Column.concatenating(sources, type: element)
    let elements = all.count == 0 ? Column.empty(element) : all.gathering(slots.take())
    return Column(
      type, .list(offsets: offsets.take(), elements: elements), validity: validity.take())
  }
}

extension Arguments {
  /// A list for each row in which no argument is null.
  ///
  /// - Parameter body: appends the row's elements; false is null.
  @inline(__always)
  func makeLists(
    _ assembly: consuming ListAssembly, _ body: (Int, inout ListAssembly) throws -> Bool
  ) throws -> Column {
    var assembly = assembly
    let valid = validity
    for row in 0..<rowCount {
      var isNull = true
      if valid.map({ $0[row] }) ?? true {
        do {
          isNull = try !body(row, &assembly)
        } catch let reason as Reason {
          guard isTrying else { throw RowFailure(row: row, reason) }
        }
      }
      guard assembly.count < 1 << 28 else {
        throw RowFailure(
          row: row,
          Reason("COLLECTION_SIZE_LIMIT_EXCEEDED", "the arrays of a batch have too many elements"))
      }
      assembly.closeList(isNull: isNull)
    }
    return assembly.take(type)
  }
}

/// Values that have been seen: nulls are equal to each other, so are NaNs and zeros.
struct SeenValues {
  private var values: Set<Value> = []

  /// - Returns: false when it was there already.
  mutating func insert(_ column: Column, _ slot: Int) -> Bool {
    values.insert(SeenValues.normal(column.value(slot))).inserted
  }

  func contains(_ column: Column, _ slot: Int) -> Bool {
    values.contains(SeenValues.normal(column.value(slot)))
  }

  private static func normal(_ value: Value) -> Value {
    switch value {
    case .double(let double) where double.isNaN: .string("NaN")
    case .double(let double) where double == 0: .double(0)
    case .list(let values): .list(values.map(normal))
    case .structure(let values): .structure(values.map(normal))
    default: value
    }
  }
}
