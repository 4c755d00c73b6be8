/// A HyperLogLog sketch of a set of values that can be kept and united with others: Apache
/// DataSketches' HLL sketch, by its hash, its layout in bytes and what it keeps of a value.
///
/// It depends on the set alone, not on the order or on how often a value comes: the union of
/// sketches is the sketch of the union. Few values are kept as coupons, which are the hash cut to
/// 32 bits; of more only the registers are left.
package struct DistinctSketch: Sendable, Equatable {
  /// What the number of registers is the power of two of.
  package static let precisions = 4...21

  /// 26 bits of an address, and above them the rank of a value, from 1 to 63.
  typealias Coupon = UInt32

  enum Contents: Sendable, Equatable {
    case coupons(Set<Coupon>)
    case registers([UInt8])
  }

  package private(set) var precision: Int
  private(set) var contents: Contents
  /// What whoever filled the registers had counted on the way, which is better than what they say.
  private(set) var countOnTheWay: Double?

  static let rankMax: UInt8 = 63

  /// Of nothing.
  package init(precision: Int) {
    precondition(DistinctSketch.precisions.contains(precision))
    self.precision = precision
    contents = .coupons([])
  }

  init(precision: Int, _ contents: Contents, countOnTheWay: Double? = nil) {
    self.precision = precision
    self.contents = contents
    self.countOnTheWay = countOnTheWay
    if case .coupons(let coupons) = contents, coupons.count > couponsMax { fill(with: coupons) }
  }

  /// How many coupons are kept at most.
  private var couponsMax: Int { precision < 8 ? 7 : 3 << (precision - 5) }

  /// About how much memory it takes.
  package var byteCount: Int {
    switch contents {
    case .coupons(let coupons): 64 + coupons.capacity * 6
    case .registers(let registers): 96 + registers.count
    }
  }

  // MARK: - Adding

  private static let seed: UInt64 = 9001

  package mutating func add(_ number: Int64) {
    add(Murmur128(of: UInt64(bitPattern: number), seed: DistinctSketch.seed))
  }

  /// Nothing, when there are no bytes.
  package mutating func add(_ bytes: borrowing Span<UInt8>) {
    if !bytes.isEmpty { add(Murmur128(of: bytes, seed: DistinctSketch.seed)) }
  }

  private mutating func add(_ hash: Murmur128) {
    let rank = UInt32(min(hash.second.leadingZeroBitCount, 62) + 1)
    add(rank << 26 | UInt32(truncatingIfNeeded: hash.first & 0x3FF_FFFF))
  }

  private mutating func add(_ coupon: Coupon) {
    countOnTheWay = nil
    // Taken out, so that there is one owner and nothing is copied.
    let old = contents
    contents = .registers([])
    switch consume old {
    case .coupons(var coupons):
      coupons.insert(coupon)
      if coupons.count > couponsMax {
        fill(with: coupons)
      } else {
        contents = .coupons(coupons)
      }
    case .registers(var registers):
      DistinctSketch.raise(&registers, coupon)
      contents = .registers(registers)
    }
  }

  private mutating func fill(with coupons: Set<Coupon>) {
    var registers = [UInt8](repeating: 0, count: 1 << precision)
    for coupon in coupons { DistinctSketch.raise(&registers, coupon) }
    contents = .registers(registers)
  }

  private static func raise(_ registers: inout [UInt8], _ coupon: Coupon) {
    let index = Int(coupon & 0x3FF_FFFF) & (registers.count - 1)
    registers[index] = max(registers[index], UInt8(coupon >> 26))
  }

  // MARK: - Uniting

  /// Becomes the sketch of both sets, with the lesser precision of the two.
  package mutating func unite(with other: DistinctSketch) {
    lower(to: other.precision)
    countOnTheWay = nil
    switch other.contents {
    case .coupons(let coupons): for coupon in coupons { add(coupon) }
    case .registers(let others):
      var registers: [UInt8]
      switch contents {
      case .registers(let own): registers = own
      case .coupons(let coupons):
        registers = [UInt8](repeating: 0, count: 1 << precision)
        for coupon in coupons { DistinctSketch.raise(&registers, coupon) }
      }
      contents = .registers([])
      DistinctSketch.fold(others, into: &registers)
      contents = .registers(registers)
    }
  }

  private mutating func lower(to other: Int) {
    guard other < precision else { return }
    precision = other
    countOnTheWay = nil
    switch contents {
    case .coupons(let coupons): if coupons.count > couponsMax { fill(with: coupons) }
    case .registers(let old):
      var registers = [UInt8](repeating: 0, count: 1 << precision)
      DistinctSketch.fold(old, into: &registers)
      contents = .registers(registers)
    }
  }

  /// - Parameter source: as many registers as there are in `target`, or a multiple.
  private static func fold(_ source: [UInt8], into target: inout [UInt8]) {
    let mask = target.count - 1
    for index in source.indices {
      target[index & mask] = max(target[index & mask], source[index])
    }
  }

  // MARK: - The estimate

  /// About how many values there are.
  package var estimate: Int64 {
    Int64(exactly: value.rounded()) ?? .max
  }

  private var value: Double {
    switch contents {
    case .coupons(let coupons):
      // Two values have one coupon when their addresses are the same, of 2^26, and their ranks,
      // which are with a chance of a third.
      let count = Double(coupons.count)
      return count + count * count / Double(6 << 26)
    case .registers(let registers):
      if let countOnTheWay { return countOnTheWay }
      var histogram = [Int](repeating: 0, count: Int(DistinctSketch.rankMax) + 1)
      for register in registers { histogram[Int(register)] += 1 }
      return RegisterEstimate.count(histogram)
    }
  }
}
