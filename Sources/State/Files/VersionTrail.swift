internal import Columnar
internal import Diagnostics

/// The files that lead to a version, one after the other, all verified: a snapshot, if there is
/// one, and the changes since.
struct VersionTrail {
  struct Step {
    let file: StateFile
    let kind: StateFileKind
    let layout: StateLayout
    /// Where what belongs to the version ends in the file.
    let end: Int64
  }

  private(set) var steps: [Step] = []

  /// - Parameter version: 0 for the empty state.
  /// - Throws: an I/O error when something is damaged or missing that the version needs.
  init(to version: Int64, in listing: StateListing) throws(StreamError) {
    var reached: Int64 = 0
    if let snapshot = listing.snapshots.last(where: { $0 <= version }) {
      reached = try follow(.snapshot(snapshot), listing.snapshotPath(snapshot), to: version)
    }
    for base in listing.segments where base >= reached && base < version && reached < version {
      let path = listing.segmentPath(base)
      guard base == reached else {
        throw damaged("the changes from version \(reached) to \(base) are missing", path)
      }
      reached = try follow(.segment(after: base), path, to: version)
    }
    guard reached == version else {
      throw damaged(
        "version \(version) of the state is missing: there is none after \(reached)",
        listing.directory)
    }
  }

  /// - Returns: the last version of the file up to the one that is wanted.
  private mutating func follow(
    _ kind: StateFileKind, _ path: String, to version: Int64
  ) throws(StreamError) -> Int64 {
    guard let file = try StateFile(path) else { throw damaged("the file is missing", path) }
    let scan = StateScan(file, kind, through: version)
    switch scan.stop {
    case .torn(let what) where scan.ends.last?.version != version: throw damaged(what, path)
    case .damaged(let what): throw damaged(what, path)
    default: break
    }
    guard let layout = scan.layout, let last = scan.ends.last, last.version <= version else {
      throw damaged("version \(version) of the state is missing", path)
    }
    steps.append(Step(file: file, kind: kind, layout: layout, end: scan.byteCount))
    return last.version
  }

  /// - Throws: an I/O error when the rows are made of something else than is wanted.
  func check(_ wanted: StateLayout) throws(StreamError) {
    for step in steps {
      guard let difference = step.layout.difference(from: wanted) else { continue }
      throw StreamError(
        .io, "the state was written by another query: \(difference)", location: step.file.path,
        hint: "go back to the query that wrote it, or begin with an empty checkpoint")
    }
  }

  /// Gives out all rows, the oldest first.
  func rows(_ body: (Batch, _ isDeletion: Bool) throws -> Void) throws {
    for step in steps { try step.file.rows(through: step.end, body) }
  }
}
