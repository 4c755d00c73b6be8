import Columnar

/// `histogram_numeric`: about how the values are spread, as bins with a centre and a height. Two bins
/// next to each other become one where there are too many: Ben-Haim and Tom-Tov, "A Streaming Parallel
/// Decision Tree Algorithm", 2010.
final class HistogramAccumulator: Accumulator {
  private struct Bin: BitwiseCopyable {
    var centre: Double
    var height: Double
  }

  private var bins: [[Bin]] = []
  /// Of all groups together.
  private var storedCount = 0
  private let type: DataType
  private let binCount: Int

  /// - Parameters:
  ///   - type: of the result, an array of structs of a number and a double.
  ///   - binCount: at least 2.
  init(_ type: DataType, binCount: Int) {
    self.type = type
    self.binCount = binCount
  }

  func resize(to count: Int) {
    if count > bins.count { bins += Array(repeating: [], count: count - bins.count) }
  }

  func update(_ rows: GroupedRows, _ arguments: [Column]) {
    let values = doubles(arguments[0]).span
    rows.forEach(commonValidity(arguments)) { row, group in
      add(Bin(centre: values[row], height: 1), to: group)
    }
  }

  /// What is infinite, or no number, has no place.
  private func add(_ bin: Bin, to group: Int) {
    guard bin.centre.isFinite else { return }
    var (low, high) = (0, bins[group].count)
    while low < high {
      let middle = (low + high) / 2
      if bins[group][middle].centre < bin.centre { low = middle + 1 } else { high = middle }
    }
    if low < bins[group].count, bins[group][low].centre == bin.centre {
      bins[group][low].height += bin.height
      return
    }
    bins[group].insert(bin, at: low)
    storedCount += 1
    if bins[group].count > binCount { uniteNearest(of: group) }
  }

  private func uniteNearest(of group: Int) {
    var (nearest, least) = (0, Double.infinity)
    for index in 0..<bins[group].count - 1 {
      let distance = bins[group][index + 1].centre - bins[group][index].centre
      if distance < least { (nearest, least) = (index, distance) }
    }
    let (first, second) = (bins[group][nearest], bins[group][nearest + 1])
    let height = first.height + second.height
    // A mean of two huge centres must not overflow on the way.
    let share = second.height / height
    let centre = first.centre * (1 - share) + second.centre * share
    bins[group][nearest] = Bin(centre: centre, height: height)
    bins[group].remove(at: nearest + 1)
    storedCount -= 1
  }

  // MARK: Results

  func result(of groups: Buffer<Int32>) -> Column { column(of: groups, type) }

  func resultByteCount(of group: Int) -> Int { 16 * binCount }

  /// Null without values.
  private func column(of groups: Buffer<Int32>, _ type: DataType) -> Column {
    guard case .array(let element) = type, case .structure(let fields) = element else {
      preconditionFailure("bins are structs")
    }
    let all = (0..<groups.count).flatMap { bins[Int(groups[$0])] }
    var offsets = MutableBuffer<Int32>(capacity: groups.count + 1)
    offsets.append(0)
    var validity = ValidityBuilder()
    for slot in 0..<groups.count {
      let count = bins[Int(groups[slot])].count
      validity.append(count > 0)
      offsets.append(offsets[slot] + Int32(truncatingIfNeeded: count))
    }
    let columns = [
      centres(all, fields[0].type), Column(.double, .double(Buffer(all.map(\.height)))),
    ]
    return Column(
      type,
      .list(
        offsets: offsets.take(), elements: Column(element, .structure(columns, count: all.count))),
      validity: validity.take())
  }

  private func centres(_ bins: [Bin], _ type: DataType) -> Column {
    switch type {
    case .double: Column(.double, .double(Buffer(bins.map(\.centre))))
    case .float: Column(.float, .float(Buffer(bins.map { Float($0.centre) })))
    default:
      Column(type, words: Buffer(bins.map { word($0.centre, type) }), validity: nil)
    }
  }

  /// A checkpoint may hold centres that are none of the type.
  private func word(_ centre: Double, _ type: DataType) -> Int64 {
    let word = Int64(exactly: centre.rounded(.towardZero)) ?? (centre < 0 ? .min : .max)
    return switch type {
    case .tinyint: Int64(Int8(clamping: word))
    case .smallint: Int64(Int16(clamping: word))
    case .int: Int64(Int32(clamping: word))
    default: word
    }
  }

  /// Asked for after each batch: an array for each group, and bins in arrays that are half full.
  var byteCount: Int { bins.capacity * 40 + storedCount * 2 * MemoryLayout<Bin>.stride }

  // MARK: As state

  private static let stateType = DataType.array(
    .structure([Field("centre", .double), Field("height", .double)]))

  let stateParts = [StatePart("bins", HistogramAccumulator.stateType)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [column(of: groups, HistogramAccumulator.stateType)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int { 16 * bins[group].count }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    for slot in 0..<groups.count {
      storedCount -= bins[Int(groups[slot])].count
      bins[Int(groups[slot])] = []
    }
    try merge(columns, into: groups)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    guard case .list(let offsets, let elements) = columns[0].storage else {
      throw StateDamage("bins are \(columns[0].type)")
    }
    let fields = try elements.stateFields()
    guard fields.count == 2 else { throw StateDamage("a bin is incomplete") }
    let (centres, heights) = (try fields[0].stateDoubles(), try fields[1].stateDoubles())
    for slot in 0..<groups.count where !columns[0].isNull(slot) {
      for index in Int(offsets[slot])..<Int(offsets[slot + 1]) {
        guard centres[index].isFinite, heights[index].isFinite, heights[index] > 0 else {
          throw StateDamage("a bin at \(centres[index]) is \(heights[index]) high")
        }
        add(Bin(centre: centres[index], height: heights[index]), to: Int(groups[slot]))
      }
    }
  }
}
