import Columnar

/// Which places of a growing array belong to which group, in the order in which they came.
///
/// Each place knows the one before it of its group, so that those of one group are found without a
/// look at the others.
struct GroupChains: ~Copyable {
  private struct Chain: BitwiseCopyable {
    var last = -1
    var count = 0
    var byteCount = 0
  }

  private var previous = MutableBuffer<Int>()
  private var chains = GroupStates(Chain())

  /// How many places there are.
  var count: Int { previous.count }

  mutating func resize(to count: Int) { chains.resize(to: count) }

  /// Gives the next place to a group.
  ///
  /// - Parameter byteCount: the memory of what stands there.
  @inline(__always)
  mutating func append(to group: Int, byteCount: Int) {
    var chain = chains[group]
    previous.append(chain.last)
    chain.last = previous.count - 1
    chain.count += 1
    chain.byteCount += byteCount
    chains[group] = chain
  }

  func count(of group: Int) -> Int { chains[group].count }

  func byteCount(of group: Int) -> Int { chains[group].byteCount }

  func places(of group: Int) -> [Int] {
    var places: [Int] = []
    places.reserveCapacity(chains[group].count)
    forEachBackwards(of: group, since: 0) { places.append($0) }
    places.reverse()
    return places
  }

  /// - Parameter first: places before it are left out.
  @inline(__always)
  func forEachBackwards(of group: Int, since first: Int, _ body: (Int) -> Void) {
    var place = chains[group].last
    while place >= first {
      body(place)
      place = previous[place]
    }
  }

  var byteCount: Int { previous.capacity * 8 + chains.byteCount }
}

// MARK: - Parts of a state

/// A list of places for each of some groups: those of list `i` are
/// `places[offsets[i]..<offsets[i + 1]]`.
struct PlaceLists {
  let offsets: Buffer<Int32>
  let places: Buffer<Int>

  /// A column of lists.
  ///
  /// - Parameter elements: one for each place.
  func column(of elements: Column) -> Column {
    Column(.array(elements.type), .list(offsets: offsets, elements: elements))
  }

  /// - Throws: `AggregateError.tooLarge` when what stands at the places is more than is asked for,
  ///   unless it is a single value.
  func check(
    _ extent: StateExtent, _ byteCount: (_ place: Int) -> Int
  ) throws(AggregateError) {
    guard places.count > 1 else { return }
    let places = places.span
    var total = 0
    for slot in places.indices { total += byteCount(places[slot]) }
    guard total <= extent.byteCountMax else { throw .tooLarge }
  }
}

extension GroupChains {
  /// - Parameter saved: the first place that is part of a change.
  /// - Throws: `AggregateError.tooLarge` for more places than a column of lists has room for.
  func lists(
    of groups: Buffer<Int32>, _ extent: StateExtent, saved: Int, where belongs: (Int) -> Bool
  ) throws(AggregateError) -> PlaceLists {
    var offsets = MutableBuffer<Int32>(capacity: groups.count + 1)
    var places = MutableBuffer<Int>()
    offsets.append(0)
    let groups = groups.span
    for slot in groups.indices {
      let start = places.count
      forEachBackwards(of: Int(groups[slot]), since: extent.isChange ? saved : 0) { place in
        if belongs(place) { places.append(place) }
      }
      places.reverse(from: start)
      places.keep(extent.elements, from: start)
      guard let end = Int32(exactly: places.count) else { throw .tooLarge }
      offsets.append(end)
    }
    return PlaceLists(offsets: offsets.take(), places: places.take())
  }

  func lists(
    of groups: Buffer<Int32>, _ extent: StateExtent, saved: Int
  ) throws(AggregateError) -> PlaceLists {
    try lists(of: groups, extent, saved: saved) { _ in true }
  }

  /// The memory of what is given out of a group.
  func stateByteCount(
    of group: Int, _ extent: StateExtent, saved: Int, _ byteCount: (_ place: Int) -> Int
  ) -> Int {
    guard extent.isChange else { return chains[group].byteCount + 4 }
    var total = 4
    forEachBackwards(of: group, since: saved) { total += byteCount($0) }
    return total
  }
}

extension MutableBuffer<Int> {
  fileprivate mutating func reverse(from start: Int) {
    var (low, high) = (start, count - 1)
    while low < high {
      (self[low], self[high]) = (self[high], self[low])
      low += 1
      high -= 1
    }
  }

  /// Forgets all elements from `start` on but those of a range, counted from there.
  fileprivate mutating func keep(_ range: Range<Int>, from start: Int) {
    let found = count - start
    guard range.lowerBound > 0 || range.upperBound < found else { return }
    let kept = range.clamped(to: 0..<found)
    for offset in 0..<kept.count { self[start + offset] = self[start + kept.lowerBound + offset] }
    truncate(to: start + kept.count)
  }
}
