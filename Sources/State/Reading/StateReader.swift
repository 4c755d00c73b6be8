package import Checkpoint
internal import Columnar
package import Diagnostics

/// The state of a stage as people see it. It takes no lock: the query may run meanwhile.
///
/// Its files only grow, appear under their names complete, and go; so who finds one gone looks again.
package struct StateReader: Sendable {
  private let directory: String

  package init(_ stage: StageDirectory) { directory = stage.statePath }

  /// Something that is wrong with a file.
  package struct Problem: Sendable, Equatable {
    package var path: String
    package var message: String
  }

  /// Looks again so often, when files come and go.
  private static let attemptCountMax = 20

  /// The versions whose rows can be had, ascending.
  package func versions() throws(StreamError) -> [Int64] {
    try steadily { listing throws(StreamError) in
      var versions: Set<Int64> = []
      for version in listing.snapshots {
        let scan = try scan(listing.snapshotPath(version), .snapshot(version))
        if scan.stop == .done { versions.insert(version) }
      }
      for base in listing.segments where base == 0 || versions.contains(base) {
        let scan = try scan(listing.segmentPath(base), .segment(after: base))
        for end in scan.ends { versions.insert(end.version) }
      }
      return versions.sorted()
    }
  }

  /// The rows of a version, each key once: in the order in which the keys first came, with the
  /// elements of arrays that grow put together, and without what was deleted.
  ///
  /// Needs the memory of that state, and of what has been changed in it since its snapshot.
  ///
  /// - Throws: an I/O error when that version is not there any more, or is damaged.
  package func rows(at version: Int64) throws(StreamError) -> StateRows {
    try steadily { listing throws(StreamError) in
      try StateRows(VersionTrail(to: version, in: listing), directory)
    }
  }

  /// Checks every checksum.
  ///
  /// - Parameter committed: the version of this stage that a start would go on from: it must be
  ///   there. What follows it may be incomplete, for it may be being written. Nil or 0 for none.
  /// - Returns: what is wrong; empty when all is well.
  package func verify(committed: Int64?) throws(StreamError) -> [Problem] {
    try steadily { listing throws(StreamError) in
      var problems: [Problem] = []
      for version in listing.snapshots {
        let path = listing.snapshotPath(version)
        problems += problem(try scan(path, .snapshot(version)), path, mayBeTorn: false)
      }
      for base in listing.segments {
        let path = listing.segmentPath(base)
        let isLast = base == listing.segments.last
        problems += problem(try scan(path, .segment(after: base)), path, mayBeTorn: isLast)
      }
      if problems.isEmpty, let committed {
        do throws(StreamError) {
          _ = try VersionTrail(to: committed, in: listing)
        } catch {
          problems.append(Problem(path: error.location ?? directory, message: error.message))
        }
      }
      return problems
    }
  }

  /// The versions of a single file that are intact, and how many rows were read of them.
  ///
  /// - Parameter snapshot: the version of which it is a snapshot; nil for a segment, which begins
  ///   with the empty state.
  package static func contents(
    ofFileAt path: String, snapshot: Int64? = nil
  ) throws -> (versions: [Int64], rowCount: Int) {
    guard let file = try StateFile(path) else { throw damaged("the file is missing", path) }
    let scan = StateScan(file, snapshot.map { .snapshot($0) } ?? .segment(after: 0))
    var rowCount = 0
    if let layout = scan.layout {
      var merge = StateMerge(layout)
      try file.rows(through: scan.byteCount) { batch, isDeletion in
        rowCount += batch.rowCount
        try merge.apply(batch, isDeletion: isDeletion)
      }
      _ = try merge.batches()
    }
    return (scan.ends.map(\.version), rowCount)
  }

  private func problem(_ scan: StateScan, _ path: String, mayBeTorn: Bool) -> [Problem] {
    switch scan.stop {
    case .done: []
    case .torn(let what): mayBeTorn ? [] : [Problem(path: path, message: what)]
    case .damaged(let what): [Problem(path: path, message: what)]
    }
  }

  private func scan(_ path: String, _ kind: StateFileKind) throws(StreamError) -> StateScan {
    guard let file = try StateFile(path) else { throw damaged("the file is missing", path) }
    return StateScan(file, kind)
  }

  /// Looks again when files came or went in the meantime, for that alone may have made it fail.
  private func steadily<Result>(
    _ body: (StateListing) throws(StreamError) -> Result
  ) throws(StreamError) -> Result {
    var listing = try StateListing(directory)
    for _ in 1..<StateReader.attemptCountMax {
      do throws(StreamError) {
        return try body(listing)
      } catch {
        let now = try StateListing(directory)
        if now == listing { throw error }
        listing = now
      }
    }
    return try body(listing)
  }
}
