internal import Columnar

/// How a column's values are written.
enum JSONOutputKind: UInt8 {
  case void, boolean, int8, int16, int32, int64, float, double, decimal, string, binary
  case date, timestamp, dayTimeInterval, yearMonthInterval
  case list
  case structure
  /// A map as an object.
  case object
  /// A map whose keys are no scalars, as an array of objects of `key` and `value`.
  case entries
}

/// A column, taken apart for loops that read it row by row.
///
/// - Important: no reference counts: whoever uses it keeps the column.
@unsafe
struct JSONOutput: BitwiseCopyable {
  var kind: JSONOutputKind
  var scale: UInt8 = 0
  /// Where it has nulls; nil when it has none.
  var validity: UnsafePointer<UInt64>?
  /// The values, the bits of booleans or the bytes of strings.
  var values: UnsafeRawPointer
  /// Of strings and lists.
  var offsets: UnsafePointer<Int32>
  var children: UnsafePointer<JSONOutput>
  var childCount = 0
  /// What stands in front of the value in an object: `{"name":`, from the second on `,"name":`.
  var key: UnsafePointer<UInt8>
  var keyCount = 0

  @inline(__always)
  func isNull(_ row: Int) -> Bool {
    guard let validity = unsafe validity else { return false }
    return unsafe validity[row >> 6] >> UInt64(row & 63) & 1 == 0
  }

  @inline(__always)
  func value<Value: BitwiseCopyable>(_ row: Int, as type: Value.Type) -> Value {
    unsafe values.loadUnaligned(fromByteOffset: row &* MemoryLayout<Value>.stride, as: type)
  }

  @inline(__always)
  func range(_ row: Int) -> Range<Int> {
    unsafe Range(uncheckedBounds: (Int(offsets[row]), Int(offsets[row &+ 1])))
  }
}

/// Columns with all that they contain, taken apart.
@safe
final class JSONOutputs {
  /// The columns first, side by side; children behind their parents.
  // SAFETY: one initialised output for each column of the tree. What they point to is kept by
  // `columns` and `keys`.
  @unsafe let nodes: UnsafeMutablePointer<JSONOutput>
  private let columns: [Column]
  private let keys: Buffer<UInt8>

  /// - Parameter names: a name for each column, if they are the members of an object.
  init(_ columns: [Column], names: [String] = []) {
    var layout = JSONOutputLayout()
    layout.lay(columns, names: names)
    keys = layout.keys.take()
    self.columns = columns
    unsafe nodes = .allocate(capacity: max(1, layout.entries.count))
    for (index, entry) in layout.entries.enumerated() {
      let output = unsafe JSONOutputs.output(entry, nodes, keys)
      unsafe (nodes + index).initialize(to: output)
    }
  }

  deinit { unsafe nodes.deallocate() }

  @unsafe
  private static func output(
    _ entry: JSONOutputLayout.Entry, _ nodes: UnsafeMutablePointer<JSONOutput>,
    _ keys: Buffer<UInt8>
  ) -> JSONOutput {
    let column = entry.column
    let (values, offsets) = unsafe column.storage.pointers
    var output = unsafe JSONOutput(
      kind: JSONOutputKind(column.type), validity: column.validity?.words.pointer, values: values,
      offsets: offsets, children: UnsafePointer(nodes + entry.children.lowerBound),
      childCount: entry.children.count, key: keys.pointer + entry.key.lowerBound,
      keyCount: entry.key.count)
    if case .decimal(_, let scale) = column.type { unsafe output.scale = UInt8(scale) }
    return unsafe output
  }
}

/// Puts columns and their children in a row, level by level.
private struct JSONOutputLayout: ~Copyable {
  struct Entry {
    let column: Column
    let key: Range<Int>
    var children = 0..<0
  }

  private(set) var entries: [Entry] = []
  var keys = MutableBuffer<UInt8>()

  mutating func lay(_ columns: [Column], names: [String]) {
    append(columns, names: names)
    var index = 0
    while index < entries.count {
      let column = entries[index].column
      let start = entries.count
      append(column.children, names: column.memberNames)
      entries[index].children = start..<entries.count
      index += 1
    }
  }

  private mutating func append(_ columns: [Column], names: [String]) {
    for (index, column) in columns.enumerated() {
      let start = keys.count
      if index < names.count {
        keys.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
        keys.append(jsonString: names[index])
        keys.append(UInt8(ascii: ":"))
      }
      entries.append(Entry(column: column, key: start..<keys.count))
    }
  }
}

extension Column {
  fileprivate var children: [Column] {
    switch (storage, type) {
    case (.structure(let columns, _), _): return columns
    case (.list(_, let entries), .map): return entries.children
    case (.list(_, let elements), _): return [elements]
    default: return []
    }
  }

  fileprivate var memberNames: [String] {
    switch type {
    case .structure(let fields): fields.map(\.name)
    case .map: ["key", "value"]
    default: []
    }
  }
}

extension JSONOutputKind {
  fileprivate init(_ type: DataType) {
    switch type {
    case .void: self = .void
    case .boolean: self = .boolean
    case .tinyint: self = .int8
    case .smallint: self = .int16
    case .int: self = .int32
    case .bigint: self = .int64
    case .float: self = .float
    case .double: self = .double
    case .decimal: self = .decimal
    case .string: self = .string
    case .binary: self = .binary
    case .timestamp: self = .timestamp
    case .date: self = .date
    case .dayTimeInterval: self = .dayTimeInterval
    case .yearMonthInterval: self = .yearMonthInterval
    case .array: self = .list
    case .map(let key, _): self = key.isNested ? .entries : .object
    case .structure: self = .structure
    }
  }
}

extension Storage {
  /// The first value, bit or byte, and the first offset; of a form that has none, anything.
  @unsafe
  fileprivate var pointers: (values: UnsafeRawPointer, offsets: UnsafePointer<Int32>) {
    let none = unsafe Buffer<Int32>().pointer
    switch self {
    case .void, .structure: return unsafe (UnsafeRawPointer(none), none)
    case .boolean(let bits): return unsafe (UnsafeRawPointer(bits.words.pointer), none)
    case .int8(let values): return unsafe (UnsafeRawPointer(values.pointer), none)
    case .int16(let values): return unsafe (UnsafeRawPointer(values.pointer), none)
    case .int32(let values): return unsafe (UnsafeRawPointer(values.pointer), none)
    case .int64(let values): return unsafe (UnsafeRawPointer(values.pointer), none)
    case .float(let values): return unsafe (UnsafeRawPointer(values.pointer), none)
    case .double(let values): return unsafe (UnsafeRawPointer(values.pointer), none)
    case .decimal(let values): return unsafe (UnsafeRawPointer(values.pointer), none)
    case .bytes(let strings):
      return unsafe (UnsafeRawPointer(strings.bytes.pointer), strings.offsets.pointer)
    case .list(let offsets, _): return unsafe (UnsafeRawPointer(none), offsets.pointer)
    }
  }
}
