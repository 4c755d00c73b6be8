import CKernels
import Columnar
import Expressions

/// The rows of each group in the order in which they came, with their times at hand.
@safe struct WaitingChains: ~Copyable {
  /// What a look at a row needs, in one place: rows of a group are far from each other.
  private struct Link: BitwiseCopyable {
    /// 0 where time bounds nothing.
    let time: Int64
    /// The next row of the same group; -1 behind the last.
    var next: Int32
    /// `WaitingRows.noGroup` for none.
    var group: Int32

    /// In place of a group: the row is gone.
    static let gone = Int32.min
  }

  private var links = MutableBuffer<Link>()
  /// Of each group; -1 for none.
  private var heads = MutableBuffer<Int32>()
  private var tails = MutableBuffer<Int32>()

  var count: Int { links.count }

  var byteCount: Int {
    links.capacity * MemoryLayout<Link>.stride + (heads.capacity + tails.capacity) * 4
  }

  func isGone(_ slot: Int) -> Bool { links[slot].group == Link.gone }

  /// Of a row that is there.
  func group(of slot: Int) -> Int32 { links[slot].group }

  func time(of slot: Int) -> Int64 { links[slot].time }

  /// Adds rows behind all others.
  mutating func append(groups: Buffer<Int32>, times: Buffer<Int64>?) {
    precondition(times == nil || times?.count == groups.count)
    // SAFETY: there is a time for each row.
    let times = unsafe times?.pointer
    let groups = groups.span
    links.reserve(groups.count)
    var last = Int(WaitingRows.noGroup)
    for row in groups.indices { last = max(last, Int(groups[row])) }
    if heads.count <= last {
      heads.append(repeating: -1, count: last + 1 - heads.count)
      tails.append(repeating: -1, count: last + 1 - tails.count)
    }
    for row in groups.indices {
      let slot = Int32(truncatingIfNeeded: links.count)
      let group = Int(groups[row])
      let time = unsafe times?[row] ?? 0
      links.append(Link(time: time, next: -1, group: groups[row]))
      guard group >= 0 else { continue }
      if heads[group] < 0 { heads[group] = slot } else { links[Int(tails[group])].next = slot }
      tails[group] = slot
    }
  }

  mutating func remove(_ slots: [Int32]) {
    for slot in slots { remove(Int(slot)) }
  }

  mutating func remove(_ slot: Int) {
    let group = Int(links[slot].group)
    links[slot].group = Link.gone
    // Rows mostly go in the order in which they came.
    guard group >= 0, heads[group] == Int32(truncatingIfNeeded: slot) else { return }
    var head = heads[group]
    while head >= 0, isGone(Int(head)) { head = links[Int(head)].next }
    heads[group] = head
    if head < 0 { tails[group] = -1 }
  }

  /// What is asked for before it is walked over, so that many misses of the caches pass at once.
  private enum Ahead {
    static let rowCount = 64
    /// Of each row's candidates; more of them are seldom, and come one by one.
    static let depth = 8
    static let linksInCache = KeyScratch.cachedBytes / MemoryLayout<Link>.stride
  }

  private func prefetch(_ groups: borrowing Span<Int32>, _ rows: Range<Int>) {
    // SAFETY: all links name slots below `count`.
    let (links, heads, headCount) = unsafe (links.pointer, heads.pointer, heads.count)
    var slots = InlineArray<64, Int32>(repeating: -1)
    var walkCount = 0
    for row in rows {
      let group = Int(groups[row])
      guard group >= 0, group < headCount else { continue }
      let slot = unsafe heads[group]
      guard slot >= 0 else { continue }
      unsafe kernel_prefetch(links + Int(slot))
      slots[walkCount] = slot
      walkCount += 1
    }
    for _ in 1..<Ahead.depth {
      var goingOnCount = 0
      for walk in 0..<walkCount {
        let next = unsafe links[Int(slots[walk])].next
        guard next >= 0 else { continue }
        unsafe kernel_prefetch(links + Int(next))
        slots[goingOnCount] = next
        goingOnCount += 1
      }
      walkCount = goingOnCount
    }
  }

  /// Where a walk over candidates stands.
  struct Place {
    /// Of the arriving rows.
    var row = 0
    /// Its next candidate; nil at its beginning.
    var slot: Int32?
  }

  /// Adds pairs of arriving rows and waiting ones with equal keys and times that go together, up to
  /// `pairsMax` in all; -1 stands beside a row that comes out alone.
  ///
  /// - Parameter place: goes on from there; its row is behind the last one at the end.
  func pair(
    _ arriving: ArrivingRows, _ times: JoinTimes, from place: inout Place, _ pairsMax: Int
  ) -> RowPairs {
    let (groups, side) = (arriving.groups.span, arriving.side)
    precondition(arriving.times == nil || arriving.times?.count == groups.count)
    var pairs = PairsBuilder(capacity: min(groups.count - place.row, pairsMax))
    // SAFETY: all links name slots below `count`, there is a time for each row, and nothing is changed
    // meanwhile.
    let (links, heads, headCount) = unsafe (links.pointer, heads.pointer, heads.count)
    let rowTimes = unsafe times.lag.isBounded ? arriving.times?.pointer : nil
    var aheadCount = place.row
    while place.row < groups.count {
      if place.row >= aheadCount {
        aheadCount = min(place.row + Ahead.rowCount, groups.count)
        if self.count > Ahead.linksInCache { prefetch(groups, place.row..<aheadCount) }
      }
      let (row, group) = (place.row, Int(groups[place.row]))
      let number = Int32(truncatingIfNeeded: row)
      if group == Int(ArrivingRows.Fate.comesOut) { pairs.append(number, -1) }
      var slot = place.slot ?? -1
      if place.slot == nil, group >= 0, group < headCount { slot = unsafe heads[group] }
      place.slot = nil
      if slot >= 0 {
        let time = unsafe rowTimes?[row]
        let range = time.map { times.partners(of: $0, side) } ?? .min ... .max
        while slot >= 0, let range {
          let link = unsafe links[Int(slot)]
          if link.group >= 0, range.contains(link.time) {
            if pairs.count >= pairsMax {
              place.slot = slot
              return pairs.take()
            }
            pairs.append(number, slot)
          }
          slot = link.next
        }
      }
      place.row += 1
    }
    return pairs.take()
  }
}
