import Columnar

/// Reads the union `Type` of a field.
struct TypeDecoder {
  let path: String
  let tag: UInt8

  func decode(_ table: FlatTable?) throws(ArrowError) -> ArrowType {
    guard let table else { throw .malformed("the field '\(path)' has no type") }
    switch tag {
    case TypeTag.null: return .null
    case TypeTag.boolean: return .boolean
    case TypeTag.binary: return .binary(isLarge: false)
    case TypeTag.largeBinary: return .binary(isLarge: true)
    case TypeTag.utf8: return .utf8(isLarge: false)
    case TypeTag.largeUTF8: return .utf8(isLarge: true)
    case TypeTag.binaryView: return .binaryView
    case TypeTag.utf8View: return .utf8View
    case TypeTag.list: return .list(isLarge: false)
    case TypeTag.largeList: return .list(isLarge: true)
    case TypeTag.structure: return .structure
    case TypeTag.map: return .map
    default: return try decodeParameters(table)
    }
  }

  /// The types whose table says more than their tag.
  private func decodeParameters(_ table: FlatTable) throws(ArrowError) -> ArrowType {
    switch tag {
    case TypeTag.integer: return try integer(table)
    case TypeTag.floatingPoint: return try floatingPoint(table)
    case TypeTag.decimal: return try decimal(table)
    case TypeTag.date:
      return try table.scalar(0, default: Int16(1)) == 0 ? .day : .millisecondDate
    case TypeTag.timestamp: return .timestamp(try unit(table, default: 0))
    case TypeTag.duration: return .duration(try unit(table, default: 1))
    case TypeTag.interval: return try interval(table)
    case TypeTag.fixedBinary:
      return .fixedBinary(byteCount: try size(table, "fixed-size binary"))
    case TypeTag.fixedList: return .fixedList(count: try size(table, "fixed-size list"))
    case TypeTag.time:
      throw unsupported("time\(try table.scalar(1, default: Int32(32)))")
    case TypeTag.union: throw unsupported("union")
    case TypeTag.runEndEncoded: throw unsupported("run-end encoded")
    case TypeTag.listView, TypeTag.largeListView: throw unsupported("list view")
    default: throw unsupported("number \(tag)")
    }
  }

  private func unsupported(_ type: String) -> ArrowError {
    .unsupported(column: path, type: type)
  }

  private func integer(_ table: FlatTable) throws(ArrowError) -> ArrowType {
    let bits = try table.scalar(0, default: Int32(0))
    guard [8, 16, 32, 64].contains(bits) else {
      throw .malformed("the field '\(path)' has integers of \(bits) bits")
    }
    return .integer(bits: Int(bits), isSigned: try table.boolean(1))
  }

  private func floatingPoint(_ table: FlatTable) throws(ArrowError) -> ArrowType {
    switch try table.scalar(0, default: Int16(0)) {
    case 0: return .floatingPoint(bits: 16)
    case 1: return .floatingPoint(bits: 32)
    case 2: return .floatingPoint(bits: 64)
    default: throw unsupported("floating point of unknown precision")
    }
  }

  private func decimal(_ table: FlatTable) throws(ArrowError) -> ArrowType {
    let precision = try table.scalar(0, default: Int32(0))
    let scale = try table.scalar(1, default: Int32(0))
    let bits = try table.scalar(2, default: Int32(128))
    guard [32, 64, 128, 256].contains(bits), (1...76).contains(precision) else {
      throw .malformed("the field '\(path)' is a decimal of \(bits) bits, \(precision) digits")
    }
    guard scale >= 0, scale <= DataType.maxDecimalPrecision else {
      throw unsupported("decimal\(bits)(\(precision), \(scale))")
    }
    return .decimal(bits: Int(bits), precision: Int(precision), scale: Int(scale))
  }

  private func interval(_ table: FlatTable) throws(ArrowError) -> ArrowType {
    switch try table.scalar(0, default: Int16(0)) {
    case 0: return .monthInterval
    case 1: return .dayTimeInterval
    default: throw unsupported("interval of months, days and nanoseconds")
    }
  }

  private func unit(_ table: FlatTable, default value: Int16) throws(ArrowError) -> TimeUnit {
    guard let unit = TimeUnit(rawValue: try table.scalar(0, default: value)) else {
      throw .malformed("the field '\(path)' has an unknown unit of time")
    }
    return unit
  }

  private func size(_ table: FlatTable, _ type: String) throws(ArrowError) -> Int {
    let size = try table.scalar(0, default: Int32(0))
    guard size >= 0 else { throw .malformed("the field '\(path)' is a \(type) of \(size)") }
    return Int(size)
  }
}

extension DataType {
  /// What values of an Arrow type are read as.
  init(_ arrow: ArrowType, of path: String, _ children: [ColumnPlan]) throws(ArrowError) {
    switch arrow {
    case .list, .fixedList:
      guard children.count == 1 else { throw .malformed("the list '\(path)' has no element type") }
      self = .array(children[0].type)
    case .map:
      guard children.count == 1, children[0].dictionary == nil,
        children[0].arrow == .structure, children[0].children.count == 2
      else { throw .malformed("the map '\(path)' does not consist of keys and values") }
      self = .map(key: children[0].children[0].type, value: children[0].children[1].type)
    case .structure: self = .structure(children.map { Field($0.name, $0.type) })
    default:
      guard children.isEmpty else { throw .malformed("the field '\(path)' has children") }
      self.init(flat: arrow)
    }
  }

  private init(flat arrow: ArrowType) {
    self =
      switch arrow {
      case .boolean: .boolean
      case .integer(let bits, let isSigned): DataType(integerOfBits: bits, isSigned: isSigned)
      case .floatingPoint(let bits): bits == 64 ? .double : .float
      case .decimal(_, let precision, let scale):
        // Arrow allows more places than digits, and more digits than are read: their values decide.
        .decimal(
          precision: max(min(precision, DataType.maxDecimalPrecision), scale, 1), scale: scale)
      case .utf8, .utf8View: .string
      case .binary, .binaryView, .fixedBinary: .binary
      case .day, .millisecondDate: .date
      case .timestamp: .timestamp
      case .duration, .dayTimeInterval: .dayTimeInterval
      case .monthInterval: .yearMonthInterval
      case .null, .list, .fixedList, .structure, .map: .void
      }
  }

  /// The smallest integer type that holds all of them.
  private init(integerOfBits bits: Int, isSigned: Bool) {
    self =
      switch (bits, isSigned) {
      case (8, true): .tinyint
      case (8, false), (16, true): .smallint
      case (16, false), (32, true): .int
      case (32, false), (64, true): .bigint
      default: .decimal(precision: 20, scale: 0)
      }
  }
}
