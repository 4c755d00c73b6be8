package import SystemPackage

/// The files that were read, or are about to be: each is read once.
///
/// A million of them take some 30 MB: of a path only 128 bits are kept, by a hash that differs from
/// run to run, so that nobody can make two paths collide.
package final class SeenFiles: @unchecked Sendable {
  private struct Key: Hashable {
    let high: Int
    let low: Int

    init(_ path: FilePath) {
      var hasher = Hasher()
      hasher.combine(path)
      high = hasher.finalize()
      hasher = Hasher()
      hasher.combine(1)
      hasher.combine(path)
      low = hasher.finalize()
    }

    func hash(into hasher: inout Hasher) { hasher.combine(high) }
  }

  // SAFETY: touched under the lock alone.
  private var keys: Set<Key> = []
  private let lock = Lock()

  package init() {}

  package var count: Int { lock.withLock { keys.count } }

  /// - Parameter path: absolute, normalized.
  package func contains(_ path: FilePath) -> Bool {
    let key = Key(path)
    return lock.withLock { keys.contains(key) }
  }

  /// - Returns: false when it was there.
  @discardableResult
  package func insert(_ path: FilePath) -> Bool {
    let key = Key(path)
    return lock.withLock { keys.insert(key).inserted }
  }

  package func remove(_ path: FilePath) {
    let key = Key(path)
    _ = lock.withLock { keys.remove(key) }
  }
}
