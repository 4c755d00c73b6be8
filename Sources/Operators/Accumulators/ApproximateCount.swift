import Columnar
import Glibc
import Scalars

/// `approx_count_distinct`: HyperLogLog++ over the hash that Spark uses, so that small counts are
/// the same; large ones by another estimator.
final class ApproximateCountAccumulator: Accumulator {
  private var sketches: Sketches

  /// - Parameter deviation: the relative standard deviation that is wanted.
  init(deviation: Double) {
    let bits = (2 * log2(1.106 / deviation)).rounded(.up)
    sketches = Sketches(precision: Int(min(max(bits.isNaN ? 9 : bits, 4), 18)))
  }

  func resize(to count: Int) { sketches.starts.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    sketches.add(rows, commonValidity(arguments), SparkHash.hashes(of: arguments[0]))
  }

  func result(of groups: Buffer<Int32>) -> Column {
    Column(.bigint, .int64(sketches.starts.map(groups, 0) { sketches.estimate($0) }.0))
  }

  var byteCount: Int { sketches.registers.capacity + sketches.starts.byteCount }

  /// A byte for each register; null without values.
  let stateParts = [StatePart("registers", .binary)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [sketches.column(of: groups)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { sketches.size }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    try sketches.restore(columns[0], to: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) {
    sketches.merge(columns[0], into: groups)
  }
}

private struct Sketches: ~Copyable {
  let precision: Int
  /// The registers of all groups that have a value, one group after the other.
  var registers = MutableBuffer<UInt8>()
  /// Where a group's registers begin; -1 when it has none.
  var starts = GroupStates(-1)

  init(precision: Int) { self.precision = precision }

  var size: Int { 1 << precision }

  mutating func add(_ rows: GroupedRows, _ validity: Bitmap?, _ hashes: Buffer<UInt64>) {
    let hashes = hashes.span
    rows.forEach(validity) { row, group in
      if starts[group] < 0 {
        starts[group] = registers.count
        registers.append(repeating: 0, count: size)
      }
      let hash = hashes[row]
      // A one behind the last bit of the hash ends the run of zeros.
      let rest = hash << UInt64(precision) | 1 << UInt64(precision - 1)
      let index = starts[group] + Int(hash >> UInt64(64 - precision))
      registers[index] = max(registers[index], UInt8(rest.leadingZeroBitCount + 1))
    }
  }

  func estimate(_ start: Int) -> Int64 {
    guard start >= 0 else { return 0 }
    var histogram = [Int](repeating: 0, count: 66 - precision)
    for index in start..<start + size { histogram[Int(registers[index])] += 1 }
    let count = Double(size)
    if histogram[0] > 0 {
      let linear = count * log(count / Double(histogram[0]))
      if linear <= Sketches.thresholds[precision - 4] {
        return Int64(linear.rounded())
      }
    }
    // Registers from a disk may claim more than there can be.
    return Int64(exactly: RegisterEstimate.count(histogram).rounded()) ?? .max
  }

  /// Up to which counting empty registers is the better estimate, by precision from 4 on: Heule,
  /// Nunkesser and Hall, "HyperLogLog in Practice", 2013.
  private static let thresholds: [Double] = [
    10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 11_500, 20_000, 50_000, 120_000, 350_000,
  ]
}

// MARK: - As state

extension Sketches {
  func column(of groups: Buffer<Int32>) -> Column {
    var strings = ByteStringsBuilder(capacity: groups.count, byteCapacity: groups.count * size)
    var validity = ValidityBuilder()
    for slot in 0..<groups.count {
      let start = starts[groups[slot]]
      validity.append(start >= 0)
      if start >= 0 {
        strings.bytes.append(contentsOf: registers.span.extracting(start..<start + size))
      }
      strings.closeValue()
    }
    return Column(.binary, .bytes(strings.take()), validity: validity.take())
  }

  mutating func restore(_ column: Column, to groups: Buffer<Int32>) throws(StateDamage) {
    guard case .bytes(let strings) = column.storage else { throw StateDamage("registers") }
    // A hash has so many bits behind those that choose the register.
    let rankMax = UInt8(65 - precision)
    for row in 0..<groups.count where !column.isNull(row) {
      guard strings.length(row) == size else {
        throw StateDamage("there are \(strings.length(row)) registers, not \(size)")
      }
      let source = strings[row]
      for index in source.indices where source[index] > rankMax {
        throw StateDamage("a register is \(source[index]), more than \(rankMax)")
      }
      combine(Int(groups[row]), with: source) { $1 }
    }
  }

  mutating func merge(_ column: Column, into groups: Buffer<Int32>) {
    guard case .bytes(let strings) = column.storage else { return }
    for row in 0..<groups.count where !column.isNull(row) {
      combine(Int(groups[row]), with: strings[row]) { max($0, $1) }
    }
  }

  @inline(__always)
  private mutating func combine(
    _ group: Int, with source: borrowing Span<UInt8>,
    _ body: (_ register: UInt8, _ other: UInt8) -> UInt8
  ) {
    let start = starts[group]
    guard start >= 0 else {
      starts[group] = registers.count
      return registers.append(contentsOf: source)
    }
    precondition(start &+ source.count <= registers.count)
    // SAFETY: as many registers were just found to be there; checks one by one cost far more.
    let target = unsafe registers.pointer + start
    for index in source.indices { unsafe target[index] = body(target[index], source[index]) }
  }
}
