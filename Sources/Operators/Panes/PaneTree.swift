import Columnar

/// The panes of aligned windows, and what several of them are together.
///
/// Panes are counted along the time line, whether they have rows or not. Those of a window are
/// merged along the binary tree over these numbers: a node of level *l* is the 2^*l* panes from a
/// multiple of that on, its left half merged with its right one. So a window takes about as many
/// merges as its panes have binary digits, nodes are used by the next windows again, and which sums
/// of doubles are added to which depends on nothing but the time.
struct PaneTree {
  private let plan: AggregatePlan
  private var leaves: [Int64: PaneGroups] = [:]
  /// By level from 1, and number. nil: none of its panes has rows.
  private var nodes: [[Int64: PaneGroups?]] = []

  init(_ plan: AggregatePlan) { self.plan = plan }

  subscript(pane: Int64) -> PaneGroups? { leaves[pane] }

  /// The memory of the nodes.
  var nodeByteCount: Int {
    nodes.joined().reduce(0) { $0 + ($1.value?.byteCount ?? 0) }
  }

  mutating func insert(_ groups: PaneGroups, at pane: Int64) {
    leaves[pane] = groups
    forgetNodes(above: pane)
  }

  mutating func remove(_ pane: Int64) {
    leaves[pane] = nil
    forgetNodes(above: pane)
  }

  /// What the nodes that a pane is part of say does not hold any more.
  mutating func forgetNodes(above pane: Int64) {
    for level in nodes.indices { nodes[level][pane >> Int64(level + 1)] = nil }
  }

  /// What some panes are together; nil when none has rows.
  mutating func merged(_ panes: Range<Int64>) throws -> PaneGroups? {
    var (start, parts) = (panes.lowerBound, [PaneGroups]())
    while start < panes.upperBound {
      // The largest node that begins here and does not reach beyond the end.
      var level = 0
      while start & (1 << Int64(level + 1) - 1) == 0,
        start + 1 << Int64(level + 1) <= panes.upperBound
      { level += 1 }
      if let part = try node(start >> Int64(level), level: level) { parts.append(part) }
      start += 1 << Int64(level)
    }
    return try joined(parts)
  }

  private mutating func node(_ number: Int64, level: Int) throws -> PaneGroups? {
    if level == 0 { return leaves[number] }
    while nodes.count < level { nodes.append([:]) }
    if let known = nodes[level - 1][number] { return known }
    let halves = try [2 * number, 2 * number + 1].compactMap { try node($0, level: level - 1) }
    let made = try joined(halves)
    nodes[level - 1][number] = .some(made)
    return made
  }

  private func joined(_ parts: [PaneGroups]) throws -> PaneGroups? {
    guard parts.count > 1 else { return parts.first }
    let sum = PaneGroups(plan, isMerged: true)
    for part in parts { try sum.merge(part) }
    return sum
  }
}
