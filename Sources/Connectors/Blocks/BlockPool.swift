package import Columnar

/// Memory for blocks, used again as soon as nobody looks at it any more: pages that are warm need
/// neither be mapped nor zeroed.
///
/// Used by one thread at a time; the blocks may go anywhere.
package final class BlockPool {
  private var blocks: [Memory] = []
  private let byteCount: Int
  private let countMax: Int

  /// - Parameters:
  ///   - byteCount: of the blocks that are kept; others are new each time.
  ///   - countMax: how many are kept at most.
  package init(byteCount: Int, countMax: Int) {
    self.byteCount = byteCount
    self.countMax = countMax
  }

  /// - Returns: at least `count` bytes, whose contents mean nothing.
  package func memory(_ count: Int) -> Memory {
    guard count == byteCount else { return Memory(byteCount: count) }
    for index in blocks.indices where isKnownUniquelyReferenced(&blocks[index]) {
      return blocks[index]
    }
    let memory = Memory(byteCount: count)
    if blocks.count < countMax { blocks.append(memory) }
    return memory
  }
}
