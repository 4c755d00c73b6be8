import Columnar
import Scalars

/// `hll_sketch_agg` and `hll_union_agg`: sketches that can be kept.
final class SketchAccumulator: Accumulator {
  enum Operation {
    /// Values are counted.
    case count(precision: Int)
    /// The values are sketches, and become one.
    case union(mixesPrecisions: Bool)
  }

  private var sketches = GroupSketches()
  private let operation: Operation

  init(_ operation: Operation) { self.operation = operation }

  func resize(to count: Int) { sketches.resize(to: count) }

  func update(_ rows: GroupedRows, _ arguments: [Column]) throws {
    switch operation {
    case .count(let precision): count(rows, arguments[0], precision)
    case .union: try unite(rows, arguments[0])
    }
  }

  private func count(_ rows: GroupedRows, _ column: Column, _ precision: Int) {
    let validity = commonValidity([column])
    switch column.storage {
    case .bytes(let strings):
      rows.forEach(validity) { row, group in
        sketches.change(group, orElse: precision) { $0.add(strings[row]) }
      }
    case .int64(let numbers):
      let numbers = numbers.span
      rows.forEach(validity) { row, group in
        sketches.change(group, orElse: precision) { $0.add(numbers[row]) }
      }
    default: break
    }
  }

  private func unite(_ rows: GroupedRows, _ column: Column) throws {
    var mixes = false
    if case .union(let mixesPrecisions) = operation { mixes = mixesPrecisions }
    try sketches.unite(rows, with: column, mixesPrecisions: mixes)
  }

  func result(of groups: Buffer<Int32>) -> Column {
    sketches.column(of: groups, empty: DistinctSketch(precision: precision ?? 12))
  }

  /// Of all sketches; nil where they may differ.
  private var precision: Int? {
    if case .count(let precision) = operation { precision } else { nil }
  }

  func resultByteCount(of group: Int) -> Int { sketches.byteCount(of: group) }

  var byteCount: Int { sketches.byteCount }

  /// Null without values.
  let stateParts = [StatePart("sketch", .binary)]

  func state(of groups: Buffer<Int32>, _ extent: StateExtent) -> [Column] {
    [sketches.column(of: groups, empty: nil)]
  }

  func stateByteCount(of group: Int, _ extent: StateExtent) -> Int {
    sketches.byteCount(of: group)
  }

  func restore(_ columns: [Column], to groups: Buffer<Int32>) throws {
    try sketches.restore(columns[0], to: groups, precision: precision)
  }

  func merge(_ columns: [Column], into groups: Buffer<Int32>) throws {
    try unite(GroupedRows(groups), columns[0])
  }
}

/// A sketch for each group that has had a value.
private struct GroupSketches {
  private var sketches: [DistinctSketch?] = []
  private var bytesInSketches = 0

  mutating func resize(to count: Int) {
    guard count > sketches.count else { return }
    sketches.append(contentsOf: repeatElement(nil, count: count - sketches.count))
  }

  var byteCount: Int {
    sketches.capacity * MemoryLayout<DistinctSketch?>.stride + bytesInSketches
  }

  /// About as many as the sketch takes when it is written.
  func byteCount(of group: Int) -> Int { sketches[group]?.byteCount ?? 8 }

  /// - Parameter precision: of the sketch that a group without one begins with.
  mutating func change(
    _ group: Int, orElse precision: Int, _ body: (inout DistinctSketch) -> Void
  ) {
    let before = sketches[group]?.byteCount ?? 0
    body(&sketches[group, default: precision])
    bytesInSketches += (sketches[group]?.byteCount ?? 0) - before
  }

  private mutating func keep(_ sketch: DistinctSketch, _ group: Int) {
    bytesInSketches += sketch.byteCount - (sketches[group]?.byteCount ?? 0)
    sketches[group] = sketch
  }

  mutating func unite(
    _ rows: GroupedRows, with column: Column, mixesPrecisions: Bool
  ) throws(AggregateError) {
    guard case .bytes(let strings) = column.storage else { return }
    var problem: AggregateError?
    rows.forEach(commonValidity([column])) { row, group in
      guard problem == nil else { return }
      do throws(SketchDamage) {
        let other = try DistinctSketch(strings[row])
        problem = unite(group, with: other, mixesPrecisions: mixesPrecisions)
      } catch {
        problem = .unusable(
          errorClass: "HLL_INVALID_INPUT_SKETCH_BUFFER",
          "a value is no sketch of hll_sketch_agg(): \(error.message)")
      }
    }
    if let problem { throw problem }
  }

  private mutating func unite(
    _ group: Int, with other: DistinctSketch, mixesPrecisions: Bool
  ) -> AggregateError? {
    if let precision = sketches[group]?.precision, precision != other.precision, !mixesPrecisions {
      return .unusable(
        errorClass: "HLL_UNION_DIFFERENT_LG_K",
        "sketches have 2^\(min(precision, other.precision)) and "
          + "2^\(max(precision, other.precision)) registers",
        hint: "hll_union_agg(sketch, true) gives one with the lesser number")
    }
    change(group, orElse: other.precision) { $0.unite(with: other) }
    return nil
  }

  /// - Parameter empty: what stands for a group without values; nil is a null.
  func column(of groups: Buffer<Int32>, empty: DistinctSketch?) -> Column {
    var strings = ByteStringsBuilder(capacity: groups.count, byteCapacity: groups.count * 64)
    var validity = ValidityBuilder()
    for slot in 0..<groups.count {
      let bytes = (sketches[Int(groups[slot])] ?? empty)?.bytes
      validity.append(bytes != nil)
      if let bytes { strings.bytes.append(contentsOf: bytes.span) }
      strings.closeValue()
    }
    return Column(.binary, .bytes(strings.take()), validity: validity.take())
  }

  mutating func restore(
    _ column: Column, to groups: Buffer<Int32>, precision: Int?
  ) throws(StateDamage) {
    guard case .bytes(let strings) = column.storage else {
      throw StateDamage("a sketch is \(column.type)")
    }
    for row in 0..<groups.count where !column.isNull(row) {
      let sketch: DistinctSketch
      do throws(SketchDamage) {
        sketch = try DistinctSketch(strings[row])
      } catch {
        throw StateDamage("a sketch is none: \(error.message)")
      }
      guard precision == nil || precision == sketch.precision else {
        throw StateDamage("a sketch has 2^\(sketch.precision) registers")
      }
      keep(sketch, Int(groups[row]))
    }
  }
}

extension [DistinctSketch?] {
  /// Changed in place: nothing is copied.
  fileprivate subscript(group: Int, default precision: Int) -> DistinctSketch {
    get { self[group] ?? DistinctSketch(precision: precision) }
    _modify {
      var sketch = self[group].take() ?? DistinctSketch(precision: precision)
      yield &sketch
      self[group] = sketch
    }
  }
}
