/// The values of one column of a batch: typed, immutable, cheap to copy.
package struct Column: Sendable {
  package let type: DataType
  package let count: Int
  /// 1 where there is a value; nil when no value is null.
  package let validity: Bitmap?
  package let storage: Storage

  /// - Parameters:
  ///   - validity: as many bits as `storage` has slots; one without a 0 is dropped.
  ///   - storage: of the form that `type` has; slots under a null hold anything.
  package init(_ type: DataType, _ storage: Storage, validity: Bitmap? = nil) {
    precondition(storage.fits(type))
    self.type = type
    self.storage = storage
    count = storage.count
    precondition(validity == nil || validity?.count == storage.count)
    self.validity = validity?.isAllSet == true ? nil : validity
  }

  package var nullCount: Int {
    if case .void(let count) = storage { return count }
    return validity.map { $0.count - $0.setCount } ?? 0
  }

  @inlinable
  package func isNull(_ index: Int) -> Bool {
    if case .void = storage { return true }
    guard let validity else { return false }
    return !validity[index]
  }

  /// The same values with other nulls.
  package func replacing(validity: Bitmap?) -> Column {
    Column(type, storage, validity: validity)
  }
}

/// The machine form of a column. Arrow columnar format, "Physical Memory Layout", with offsets of
/// 32 bits.
package indirect enum Storage: Sendable {
  /// `void`: nothing but nulls.
  case void(count: Int)
  case boolean(Bitmap)
  /// `tinyint`.
  case int8(Buffer<Int8>)
  /// `smallint`.
  case int16(Buffer<Int16>)
  /// `int`, `date`, `yearMonthInterval`.
  case int32(Buffer<Int32>)
  /// `bigint`, `timestamp`, `dayTimeInterval`.
  case int64(Buffer<Int64>)
  case float(Buffer<Float>)
  case double(Buffer<Double>)
  /// The unscaled value of a `decimal`, whatever its precision.
  case decimal(Buffer<Int128>)
  /// `string` (valid UTF-8) and `binary`.
  case bytes(ByteStrings)
  /// `array` and `map`: value `i` is `elements[offsets[i]..<offsets[i + 1]]`; those of a map are
  /// structs of `key` and `value`.
  case list(offsets: Buffer<Int32>, elements: Column)
  /// `struct`: a column for each field, each as long as the struct; `count` for structs of none.
  case structure([Column], count: Int)

  package var count: Int {
    switch self {
    case .void(let count): count
    case .boolean(let bits): bits.count
    case .int8(let values): values.count
    case .int16(let values): values.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    case .decimal(let values): values.count
    case .bytes(let strings): strings.count
    case .list(let offsets, _): offsets.count - 1
    case .structure(_, let count): count
    }
  }

  func fits(_ type: DataType) -> Bool {
    switch (self, type) {
    case (.void, .void), (.boolean, .boolean), (.int8, .tinyint), (.int16, .smallint),
      (.int32, .int), (.int32, .date), (.int32, .yearMonthInterval), (.int64, .bigint),
      (.int64, .timestamp), (.int64, .dayTimeInterval), (.float, .float), (.double, .double),
      (.decimal, .decimal), (.bytes, .string), (.bytes, .binary):
      true
    case (.list(_, let elements), .array(let element)): elements.type == element
    case (.list(_, let entries), .map(let key, let value)):
      entries.type == .mapEntry(key: key, value: value)
    case (.structure(let columns, let count), .structure(let fields)):
      columns.map(\.type) == fields.map(\.type) && columns.allSatisfy { $0.count == count }
    default: false
    }
  }
}

extension DataType {
  /// What the elements of a map's list are.
  package static func mapEntry(key: DataType, value: DataType) -> DataType {
    .structure([Field("key", key), Field("value", value)])
  }
}

// MARK: - Construction

extension Column {
  package init(_ values: [Int64?], as type: DataType = .bigint) {
    let validity = Column.validity(of: values)
    self.init(type, .int64(Buffer(values.map { $0 ?? 0 })), validity: validity)
  }

  package init(_ values: [Int32?], as type: DataType = .int) {
    let validity = Column.validity(of: values)
    self.init(type, .int32(Buffer(values.map { $0 ?? 0 })), validity: validity)
  }

  package init(_ values: [Double?]) {
    let validity = Column.validity(of: values)
    self.init(.double, .double(Buffer(values.map { $0 ?? 0 })), validity: validity)
  }

  package init(_ values: [Bool?]) {
    let validity = Column.validity(of: values)
    self.init(.boolean, .boolean(Bitmap(values.map { $0 ?? false })), validity: validity)
  }

  package init(_ values: [String?]) {
    let validity = Column.validity(of: values)
    self.init(.string, .bytes(ByteStrings(values.map { $0 ?? "" })), validity: validity)
  }

  private static func validity(of values: [(some Any)?]) -> Bitmap? {
    values.contains { $0 == nil } ? Bitmap(values.map { $0 != nil }) : nil
  }
}
