import Columnar
import Glibc

/// `=`, `<` and their kin on two values of one type.
///
/// NaN equals itself and is larger than all else; -0.0 equals 0.0; strings go by their bytes.
enum Comparison: Sendable {
  case equal
  case notEqual
  case less
  case lessOrEqual
  case greater
  case greaterOrEqual

  var kernel: Kernel {
    Kernel { arguments in
      Column(.boolean, .boolean(compare(arguments)), validity: arguments.validity)
    }
  }

  /// `<=>`: equal, or both null.
  static let nullSafe = Kernel(propagatesNulls: false) { arguments in
    let count = arguments.rowCount
    let valid = arguments.vectors.map { vector in
      commonValidity(of: [vector], count: count) ?? Bitmap(repeating: true, count: count)
    }
    let bothNull = ~(valid[0] | valid[1])
    if case .void = arguments[0].column.storage {
      return Column(.boolean, .boolean(bothNull))
    }
    let equal = Comparison.equal.compare(arguments) & valid[0] & valid[1]
    return Column(.boolean, .boolean(equal | bothNull))
  }

  func compare(_ arguments: Arguments) -> Bitmap {
    let (left, right) = (arguments[0], arguments[1])
    let count = arguments.rowCount
    switch left.column.storage {
    case .boolean: return compareBits(left.bits(count), right.bits(count))
    case .int8(let lefts):
      return compareOrdered(
        Lane(lefts, isConstant: left.isConstant),
        Lane(right.column.int8s, isConstant: right.isConstant), count)
    case .int16(let lefts):
      return compareOrdered(
        Lane(lefts, isConstant: left.isConstant),
        Lane(right.column.int16s, isConstant: right.isConstant), count)
    case .int32: return compareOrdered(arguments.int32s(0), arguments.int32s(1), count)
    case .int64: return compareOrdered(arguments.int64s(0), arguments.int64s(1), count)
    case .decimal: return compareOrdered(arguments.decimals(0), arguments.decimals(1), count)
    case .double: return compareFloating(arguments.doubles(0), arguments.doubles(1), count)
    case .float(let lefts):
      return compareFloating(
        Lane(lefts, isConstant: left.isConstant),
        Lane(right.column.floats, isConstant: right.isConstant), count)
    case .bytes: return compareStrings(arguments.strings(0), arguments.strings(1), count)
    case .void: return Bitmap(repeating: false, count: count)
    case .list, .structure:
      return bits(count) { row in
        holds(left.column.order(left.slot(row), against: right.column, right.slot(row)))
      }
    }
  }

  /// Whether an order (below 0, 0, above 0) is what this comparison asks for.
  @inline(__always)
  func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .notEqual: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }

  private func compareBits(_ left: Bitmap, _ right: Bitmap) -> Bitmap {
    switch self {
    case .equal: ~((left - right) | (right - left))
    case .notEqual: (left - right) | (right - left)
    case .less: right - left
    case .lessOrEqual: ~(left - right)
    case .greater: left - right
    case .greaterOrEqual: ~(right - left)
    }
  }

  @inline(__always)
  private func compareOrdered<Value: Comparable & BitwiseCopyable>(
    _ left: Lane<Value>, _ right: Lane<Value>, _ count: Int
  ) -> Bitmap {
    switch self {
    case .equal: zipBits(left, right, count: count) { $0 == $1 }
    case .notEqual: zipBits(left, right, count: count) { $0 != $1 }
    case .less: zipBits(left, right, count: count) { $0 < $1 }
    case .lessOrEqual: zipBits(left, right, count: count) { $0 <= $1 }
    case .greater: zipBits(left, right, count: count) { $0 > $1 }
    case .greaterOrEqual: zipBits(left, right, count: count) { $0 >= $1 }
    }
  }

  /// Each in the form that NaN falls out of rightly when the right side is not NaN; a right side
  /// that may be is looked at as well.
  @inline(__always)
  private func compareFloating<Value: BinaryFloatingPoint & BitwiseCopyable>(
    _ left: Lane<Value>, _ right: Lane<Value>, _ count: Int
  ) -> Bitmap {
    if right.isConstant, !right[0].isNaN {
      switch self {
      case .equal: return zipBits(left, right, count: count) { $0 == $1 }
      case .notEqual: return zipBits(left, right, count: count) { $0 != $1 }
      case .less: return zipBits(left, right, count: count) { $0 < $1 }
      case .lessOrEqual: return zipBits(left, right, count: count) { $0 <= $1 }
      case .greater: return zipBits(left, right, count: count) { !($0 <= $1) }
      case .greaterOrEqual: return zipBits(left, right, count: count) { !($0 < $1) }
      }
    }
    switch self {
    case .equal: return zipBits(left, right, count: count) { $0 == $1 || ($0 != $0 && $1 != $1) }
    case .notEqual: return zipBits(left, right, count: count) { $0 != $1 && ($0 == $0 || $1 == $1) }
    case .less: return zipBits(left, right, count: count) { $0 < $1 || ($0 == $0 && $1 != $1) }
    case .lessOrEqual: return zipBits(left, right, count: count) { $0 <= $1 || $1 != $1 }
    case .greater: return zipBits(left, right, count: count) { $0 > $1 || ($0 != $0 && $1 == $1) }
    case .greaterOrEqual: return zipBits(left, right, count: count) { $0 >= $1 || $0 != $0 }
    }
  }

  // MARK: - Strings

  private func compareStrings(_ left: StringLane, _ right: StringLane, _ count: Int) -> Bitmap {
    switch self {
    case .equal, .notEqual:
      let isEqual = self == .equal
      if right.isConstant, !left.isConstant {
        return ConstantText(right.strings).equality(with: left.strings, count, isEqual: isEqual)
      }
      if left.isConstant, !right.isConstant {
        return ConstantText(left.strings).equality(with: right.strings, count, isEqual: isEqual)
      }
      return bits(count) { row in equalBytes(left[row], right[row]) == isEqual }
    default: return bits(count) { row in holds(orderBytes(left[row], right[row])) }
    }
  }
}

extension Vector {
  func bits(_ count: Int) -> Bitmap {
    isConstant ? Bitmap(repeating: column.booleans[0], count: count) : column.booleans
  }
}

/// A string that a whole column is compared with.
private struct ConstantText {
  let bytes: Buffer<UInt8>
  /// Its first eight bytes, zeros behind its end.
  let head: UInt64
  let mask: UInt64

  init(_ strings: ByteStrings) {
    bytes = strings.bytes[strings.range(0)]
    mask = bytes.count >= 8 ? ~0 : 1 << UInt64(bytes.count * 8) &- 1
    head = unsafe ConstantText.load(bytes.pointer) & mask
  }

  // SAFETY: 64 bytes behind the end of a buffer may be read (`Memory.slack`).
  @inline(__always)
  private static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
    unsafe UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self)
  }

  func equality(with strings: ByteStrings, _ count: Int, isEqual: Bool) -> Bitmap {
    precondition(strings.count >= count)
    let offsets = unsafe strings.offsets.pointer
    let start = unsafe strings.bytes.pointer
    let (wanted, head, mask) = (bytes.count, head, mask)
    let text = unsafe bytes.pointer
    // SAFETY: offsets stay inside the bytes by the contract of ByteStrings.
    if wanted <= 8 {
      return bits(count) { row in
        let offset = unsafe Int(offsets[row])
        let length = unsafe Int(offsets[row &+ 1]) &- offset
        let same = unsafe (ConstantText.load(start + offset) ^ head) & mask
        return (same | UInt64(truncatingIfNeeded: length ^ wanted) == 0) == isEqual
      }
    }
    return bits(count) { row in
      let offset = unsafe Int(offsets[row])
      let length = unsafe Int(offsets[row &+ 1]) &- offset
      guard length == wanted, unsafe ConstantText.load(start + offset) == head else {
        return !isEqual
      }
      return unsafe (memcmp(start + offset, text, wanted) == 0) == isEqual
    }
  }
}

@inline(__always)
func equalBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  return unsafe left.withUnsafeBufferPointer { left in
    unsafe right.withUnsafeBufferPointer { right in
      guard let start = left.baseAddress, let other = right.baseAddress else { return true }
      return unsafe memcmp(start, other, left.count) == 0
    }
  }
}

/// Below 0, 0 or above 0: byte by byte, a prefix before what it begins.
@inline(__always)
func orderBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
  let common = min(left.count, right.count)
  let order = unsafe left.withUnsafeBufferPointer { left in
    unsafe right.withUnsafeBufferPointer { right in
      guard common > 0, let start = left.baseAddress, let other = right.baseAddress else {
        return 0
      }
      return unsafe Int(memcmp(start, other, common))
    }
  }
  return order != 0 ? order : left.count - right.count
}
