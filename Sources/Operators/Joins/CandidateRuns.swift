import Columnar

/// Rows of a batch beside rows of a table.
struct RowPairs {
  /// Ascending; nil: every row of the batch, once.
  var left: Buffer<Int32>?
  /// -1 for no row.
  var right: Buffer<Int32>

  var isEmpty: Bool { right.count == 0 }

  /// - Parameter index: of a pair.
  func leftRow(_ index: Int) -> Int { left.map { Int($0[index]) } ?? index }

  /// The pairs at these positions.
  func selecting(_ kept: Bitmap) -> RowPairs {
    if kept.isAllSet { return self }
    let places = kept.setIndices()
    return RowPairs(left: left?.gathering(places) ?? places, right: right.gathering(places))
  }

  /// Some of them, one after the other.
  subscript(range: Range<Int>) -> RowPairs {
    RowPairs(left: left?[range], right: right[range])
  }

  /// Whether a row of the batch stands in several of them.
  var hasRepeatedLeft: Bool {
    guard let source = left?.span else { return false }
    for index in source.indices.dropFirst() where source[index] == source[index - 1] {
      return true
    }
    return false
  }

  /// With a pair for each row that is in none.
  ///
  /// - Parameters:
  ///   - rowCount: of the batch.
  ///   - skipped: a row that gets none, whatever.
  func filled(rowCount: Int, skipping skipped: Int? = nil) -> RowPairs {
    guard let left else { return self }
    let (rows, places) = (left.span, right.span)
    var filled = PairsBuilder(capacity: max(rows.count, rowCount))
    var index = 0
    for row in 0..<rowCount {
      let number = Int32(truncatingIfNeeded: row)
      if index == rows.count || rows[index] != number {
        if row == skipped { continue }
        filled.append(number, -1)
      }
      while index < rows.count, rows[index] == number {
        filled.append(number, places[index])
        index += 1
      }
    }
    return filled.take()
  }
}

struct PairsBuilder: ~Copyable {
  private var left: MutableBuffer<Int32>
  private var right: MutableBuffer<Int32>

  init(capacity: Int) {
    left = MutableBuffer(capacity: capacity)
    right = MutableBuffer(capacity: capacity)
  }

  var count: Int { right.count }

  @inline(__always)
  mutating func append(_ row: Int32, _ place: Int32) {
    left.append(row)
    right.append(place)
  }

  mutating func take() -> RowPairs { RowPairs(left: left.take(), right: right.take()) }
}

/// Walks over the pairs of a batch's rows and the table rows with equal keys, in runs that are not
/// too large, whatever a key repeats.
struct CandidateRuns {
  struct Run {
    /// The rows of the batch that the run is about.
    let rows: Range<Int>
    /// Numbered from the first of `rows`.
    let pairs: RowPairs
    /// Whether the last of the rows has further candidates, in runs of that row alone.
    let isCut: Bool
  }

  private let keys: Buffer<Int32>
  private let chains: RowChains
  private let pairsMax: Int
  private var row = 0
  /// How many candidates of that row are done.
  private var done = 0

  /// - Parameter keys: of the rows of the batch; -1 for those without a match.
  init(_ keys: Buffer<Int32>, _ chains: RowChains, pairsMax: Int = 65_536) {
    self.keys = keys
    self.chains = chains
    self.pairsMax = pairsMax
  }

  mutating func next() -> Run? {
    guard row < keys.count else { return nil }
    switch chains {
    case .single: return singles()
    case .lists(let starts, let rows): return lists(starts.span, rows.span)
    }
  }

  private mutating func singles() -> Run {
    let range = row..<min(row + pairsMax, keys.count)
    row = range.upperBound
    let found = keys[range]
    guard found.hasNegative else {
      return Run(rows: range, pairs: RowPairs(left: nil, right: found), isCut: false)
    }
    let source = found.span
    var pairs = PairsBuilder(capacity: found.count)
    for slot in source.indices where source[slot] >= 0 {
      pairs.append(Int32(truncatingIfNeeded: slot), source[slot])
    }
    return Run(rows: range, pairs: pairs.take(), isCut: false)
  }

  private mutating func lists(
    _ starts: borrowing Span<Int32>, _ rows: borrowing Span<Int32>
  ) -> Run {
    let first = row
    var pairs = PairsBuilder(capacity: min(keys.count - row, pairsMax))
    var isOneToOne = true
    while row < keys.count {
      let key = Int(keys[row])
      let chain = key < 0 ? 0..<0 : Int(starts[key]) + done..<Int(starts[key + 1])
      let room = pairsMax - pairs.count
      // A row is cut only where it is the first of its run.
      if chain.count > room, row > first { break }
      isOneToOne = isOneToOne && chain.count == 1
      for place in chain.prefix(room) {
        pairs.append(Int32(truncatingIfNeeded: row - first), rows[place])
      }
      if chain.count > room {
        done += room
        return Run(rows: first..<first + 1, pairs: pairs.take(), isCut: true)
      }
      done = 0
      row += 1
    }
    var found = pairs.take()
    if isOneToOne { found.left = nil }
    return Run(rows: first..<row, pairs: found, isCut: false)
  }
}

extension RowChains {
  /// Whether each row has a candidate: 1 for those that have.
  func hasCandidates(_ keys: Buffer<Int32>) -> Bitmap {
    let source = keys.span
    var bits = BitmapBuilder(capacity: keys.count)
    switch self {
    case .single: for slot in source.indices { bits.append(source[slot] >= 0) }
    case .lists(let starts, _):
      let starts = starts.span
      for slot in source.indices {
        let key = Int(source[slot])
        bits.append(key >= 0 && starts[key] < starts[key + 1])
      }
    }
    return bits.take()
  }
}
