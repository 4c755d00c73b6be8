import Columnar

/// What has changed, for two who look at it in their own time: the one who sends results and the
/// one who saves the state.
struct GroupChanges: ~Copyable {
  let areSent: Bool
  var areSaved = false
  private var unsent = Buffer<Int32>()
  private var unsaved = Buffer<Int32>()

  init(areSent: Bool) { self.areSent = areSent }

  var areKept: Bool { areSent || areSaved }

  /// - Parameters:
  ///   - groups: in the order of their first row since the last call.
  ///   - groupCount: above each of the groups.
  mutating func add(_ groups: Buffer<Int32>, groupCount: Int) {
    if areSent { unsent = GroupChanges.joined(unsent, groups, groupCount) }
    if areSaved { unsaved = GroupChanges.joined(unsaved, groups, groupCount) }
  }

  private static func joined(
    _ earlier: Buffer<Int32>, _ later: Buffer<Int32>, _ groupCount: Int
  ) -> Buffer<Int32> {
    if earlier.count == 0 { return later }
    if later.count == 0 { return earlier }
    var all = ChangedGroups()
    all.add(earlier, groupCount: groupCount)
    all.add(later, groupCount: groupCount)
    return all.take()
  }

  mutating func takeUnsent() -> Buffer<Int32> {
    defer { unsent = Buffer() }
    return unsent
  }

  mutating func takeUnsaved() -> Buffer<Int32> {
    defer { unsaved = Buffer() }
    return unsaved
  }

  var byteCount: Int { unsent.byteCount + unsaved.byteCount }
}
