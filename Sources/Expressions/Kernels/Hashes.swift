import Columnar
import Scalars

/// `hash` and `xxhash64`: 42, changed by each argument in turn; nulls change nothing.
struct HashKernel<Hash: RowHash> {
  static func kernel(_ storage: @escaping @Sendable (Buffer<Hash.Word>) -> Storage) -> Kernel {
    Kernel(propagatesNulls: false) { arguments in
      var seeds = MutableBuffer<Hash.Word>(capacity: arguments.rowCount)
      seeds.append(repeating: 42, count: arguments.rowCount)
      for vector in arguments.vectors { update(&seeds, arguments.rowCount, vector) }
      return Column(arguments.type, storage(seeds.take()))
    }
  }

  /// One loop for each of the common types.
  private static func update(
    _ seeds: inout MutableBuffer<Hash.Word>, _ count: Int, _ vector: Vector
  ) {
    switch vector.column.storage {
    case .int32(let values):
      let lane = Lane(values, isConstant: vector.isConstant)
      for row in 0..<count where !vector.isNull(row) {
        seeds[row] = Hash.hash(lane[row], seed: seeds[row])
      }
    case .int64(let values):
      let lane = Lane(values, isConstant: vector.isConstant)
      for row in 0..<count where !vector.isNull(row) {
        seeds[row] = Hash.hash(lane[row], seed: seeds[row])
      }
    case .bytes(let strings):
      let lane = StringLane(strings, isConstant: vector.isConstant)
      for row in 0..<count where !vector.isNull(row) {
        seeds[row] = Hash.hash(lane[row], seed: seeds[row])
      }
    default:
      for row in 0..<count {
        seeds[row] = hash(vector.column, vector.slot(row), seed: seeds[row])
      }
    }
  }

  private static func hash(_ column: Column, _ row: Int, seed: Hash.Word) -> Hash.Word {
    if column.isNull(row) { return seed }
    switch column.storage {
    case .void: return seed
    case .boolean(let bits): return Hash.hash(Int32(bits[row] ? 1 : 0), seed: seed)
    case .int8(let values): return Hash.hash(Int32(values[row]), seed: seed)
    case .int16(let values): return Hash.hash(Int32(values[row]), seed: seed)
    case .int32(let values): return Hash.hash(values[row], seed: seed)
    case .int64(let values): return Hash.hash(values[row], seed: seed)
    case .float(let values):
      let value = values[row]
      let bits = value == 0 ? 0 : value.isNaN ? 0x7FC0_0000 : value.bitPattern
      return Hash.hash(Int32(bitPattern: bits), seed: seed)
    case .double(let values):
      let value = values[row]
      let bits = value == 0 ? 0 : value.isNaN ? 0x7FF8_0000_0000_0000 : value.bitPattern
      return Hash.hash(Int64(bitPattern: bits), seed: seed)
    case .decimal(let values):
      if column.type.decimalForm?.precision ?? 38 <= 18 {
        return Hash.hash(Int64(truncatingIfNeeded: values[row]), seed: seed)
      }
      let bytes = shortestBytes(values[row])
      return Hash.hash(bytes.span, seed: seed)
    case .bytes(let strings):
      return Hash.hash(StringLane(strings, isConstant: false)[row], seed: seed)
    case .list(let offsets, let elements):
      return (Int(offsets[row])..<Int(offsets[row + 1])).reduce(seed) { seed, element in
        hash(elements, element, seed: seed)
      }
    case .structure(let members, _):
      return members.reduce(seed) { seed, member in hash(member, row, seed: seed) }
    }
  }

  /// Two's complement, big-endian, in as few bytes as hold it.
  private static func shortestBytes(_ value: Int128) -> [UInt8] {
    var bytes = [UInt8(truncatingIfNeeded: value)]
    var rest = value >> 8
    while rest != (bytes[bytes.count - 1] & 0x80 == 0 ? 0 : -1) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
    return bytes.reversed()
  }
}

/// Digests in hexadecimal digits.
enum Digests {
  static let md5 = kernel { MD5.digest($0) }
  static let sha1 = kernel { SHA1.digest($0) }

  /// `sha2(bytes, bits)`: 0 is 256; null for other lengths than there are.
  static let sha2 = Kernel { arguments in
    let (messages, lengths) = (arguments.strings(0), arguments.int32s(1))
    return try arguments.makeStrings { row, output in
      let bits = lengths[row] == 0 ? 256 : Int(lengths[row])
      guard let digest = SHA2.digest(messages[row], bits: bits) else { return false }
      output.append(hexadecimal: digest)
      return true
    }
  }

  static let crc32 = Kernel { arguments in
    let messages = arguments.strings(0)
    return try arguments.makeInt64s { row in Int64(CRC32.checksum(messages[row])) }
  }

  private static func kernel(_ digest: @escaping @Sendable (Span<UInt8>) -> [UInt8]) -> Kernel {
    Kernel { arguments in
      let messages = arguments.strings(0)
      return try arguments.makeStrings { row, output in
        output.append(hexadecimal: digest(messages[row]))
        return true
      }
    }
  }
}

extension MutableBuffer<UInt8> {
  fileprivate mutating func append(hexadecimal bytes: [UInt8]) {
    for byte in bytes {
      for digit in [byte >> 4, byte & 15] {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
      }
    }
  }
}
