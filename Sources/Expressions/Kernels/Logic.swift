import Columnar

/// NOT and the tests that have no null result.
enum Logic {
  static let not = Kernel { arguments in
    let column = arguments[0].column
    return Column(.boolean, .boolean(~column.booleans), validity: column.validity)
  }

  static let isNull = Kernel(propagatesNulls: false) { arguments in
    Column(.boolean, .boolean(nulls(arguments)))
  }

  static let isNotNull = Kernel(propagatesNulls: false) { arguments in
    Column(.boolean, .boolean(~nulls(arguments)))
  }

  static let isTrue = Kernel(propagatesNulls: false) { arguments in
    Column(.boolean, .boolean(arguments[0].trues(count: arguments.rowCount)))
  }

  static let isFalse = Kernel(propagatesNulls: false) { arguments in
    let falses = ~arguments[0].bits(arguments.rowCount)
    return Column(.boolean, .boolean(falses - nulls(arguments)))
  }

  private static func nulls(_ arguments: Arguments) -> Bitmap {
    let count = arguments.rowCount
    return commonValidity(of: [arguments[0]], count: count).map { ~$0 }
      ?? Bitmap(repeating: false, count: count)
  }
}

/// The constants of a long `x IN (…)`.
struct ConstantSet: Sendable {
  private enum Members: Sendable {
    case integers(IntegerSet)
    case strings(TextSet)
  }

  private let members: Members
  /// Then a value that is not found is not known to be absent.
  private let hasNull: Bool

  /// nil unless all items are constants of a type that is kept as integers or strings.
  init?(_ items: [Node], _ type: DataType) {
    let constants = items.compactMap(\.constant)
    guard constants.count == items.count else { return nil }
    let known = constants.filter { !$0.isNull(0) }
    hasNull = known.count < constants.count
    switch type {
    case .int, .bigint, .smallint, .tinyint, .date, .timestamp:
      members = .integers(IntegerSet(known.map { $0.integer(0) }))
    case .string: members = .strings(TextSet(known.map { Array($0.strings.string(0).utf8) }))
    default: return nil
    }
  }

  var kernel: Kernel {
    Kernel { arguments in
      let found = found(arguments)
      let valid = arguments.validity
      guard hasNull else { return Column(.boolean, .boolean(found), validity: valid) }
      return Column(.boolean, .boolean(found), validity: valid.map { $0 & found } ?? found)
    }
  }

  private func found(_ arguments: Arguments) -> Bitmap {
    let (vector, count) = (arguments[0], arguments.rowCount)
    switch members {
    case .strings(let set):
      let texts = arguments.strings(0)
      return bits(count) { set.contains(texts[$0]) }
    case .integers(let set):
      switch vector.column.storage {
      case .int8(let values):
        let lane = Lane(values, isConstant: vector.isConstant)
        return bits(count) { set.contains(Int64(lane[$0])) }
      case .int16(let values):
        let lane = Lane(values, isConstant: vector.isConstant)
        return bits(count) { set.contains(Int64(lane[$0])) }
      case .int32:
        let lane = arguments.int32s(0)
        return bits(count) { set.contains(Int64(lane[$0])) }
      default:
        let lane = arguments.int64s(0)
        return bits(count) { set.contains(lane[$0]) }
      }
    }
  }
}

/// Integers: a bit for each number of their range where that is short, else a table with open
/// addressing, at most half full.
struct IntegerSet: Sendable {
  private let least: Int64
  /// Of the numbers from the least on; empty where the range is long.
  private let bits: [UInt64]
  private let slots: [Int64]
  private let shift: UInt64
  private let hasFiller: Bool
  /// What stands in an empty slot.
  private static let filler: Int64 = 0x5EED_0F_5EED

  private static let rangeMax: UInt64 = 4096

  init(_ values: [Int64]) {
    least = values.min() ?? 0
    let span = UInt64(bitPattern: (values.max() ?? 0) &- least)
    var bits: [UInt64] = []
    if span < IntegerSet.rangeMax, !values.isEmpty {
      bits = [UInt64](repeating: 0, count: Int(span / 64) + 1)
      for value in values { bits[Int(value - least) / 64] |= 1 << UInt64((value - least) % 64) }
    }
    self.bits = bits
    var size = 8
    while size < values.count * 2 { size *= 2 }
    var slots = [Int64](repeating: IntegerSet.filler, count: size)
    let shift = UInt64(64 - size.trailingZeroBitCount)
    for value in values where value != IntegerSet.filler {
      var slot = IntegerSet.slot(value, shift)
      while slots[slot] != IntegerSet.filler, slots[slot] != value { slot = (slot + 1) % size }
      slots[slot] = value
    }
    self.slots = slots
    self.shift = shift
    hasFiller = values.contains(IntegerSet.filler)
  }

  @inline(__always)
  private static func slot(_ value: Int64, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: (UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
  }

  @inline(__always)
  func contains(_ value: Int64) -> Bool {
    if !bits.isEmpty {
      let place = UInt64(bitPattern: value &- least)
      let word = Int(truncatingIfNeeded: place &>> 6)
      // A number below the least is far behind the end.
      return UInt(bitPattern: word) < UInt(bitPattern: bits.count)
        && bits[word] &>> (place & 63) & 1 != 0
    }
    if value == IntegerSet.filler { return hasFiller }
    var slot = IntegerSet.slot(value, shift)
    while true {
      let found = slots[slot]
      if found == value { return true }
      if found == IntegerSet.filler { return false }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
  }
}

/// Texts by their length and first bytes.
struct TextSet: Sendable {
  private let slots: [[[UInt8]]]

  init(_ texts: [[UInt8]]) {
    var size = 8
    while size < texts.count * 2 { size *= 2 }
    var slots = [[[UInt8]]](repeating: [], count: size)
    for text in texts {
      let slot = TextSet.hash(text.span) & (size - 1)
      if !slots[slot].contains(text) { slots[slot].append(text) }
    }
    self.slots = slots
  }

  @inline(__always)
  private static func hash(_ text: Span<UInt8>) -> Int {
    var hash = UInt64(truncatingIfNeeded: text.count)
    for offset in text.indices { hash = (hash ^ UInt64(text[offset])) &* 0x0000_0100_0000_01B3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }

  @inline(__always)
  func contains(_ text: Span<UInt8>) -> Bool {
    let slot = TextSet.hash(text) & (slots.count &- 1)
    for candidate in slots[slot] where equalBytes(candidate.span, text) { return true }
    return false
  }
}
