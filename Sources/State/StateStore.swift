package import Checkpoint
package import Columnar
package import Diagnostics

/// The state of a stage on disk, in versions: snapshots of all rows, and behind each one a segment
/// to which the changes of every further version are appended.
///
///     DIR/stages/ID/state/000000000040.snapshot.arrows    all rows at version 40
///     DIR/stages/ID/state/000000000040.changes.arrows     the changes of versions 41, 42, …
///
/// The rows themselves are the operator's, in memory; the store hands them over and takes what
/// changed. Every file is an Arrow IPC stream. A version ends in a mark (``VersionEnd``) with a
/// checksum over all its bytes, so that a version that was asked for is either given out whole or
/// reported as damaged.
///
/// After an error of `append` or of an fsync nothing more is written: the changes that were given
/// out are lost to the operator, and what reached the disk is not known.
package final class StateStore {
  /// The version that the files hold now; nil: the empty state before the first one.
  package private(set) var version: Int64?

  private let layout: StateLayout
  private var listing: StateListing
  private var isRestored = false
  private var failure: StreamError?
  /// The segment that is appended to; made by the first version that needs it.
  private var segment: StateFileWriter?
  private var snapshotByteCount: Int64 = 0
  /// Of the segments since the snapshot that are not appended to any more.
  private var closedByteCount: Int64 = 0

  private static let snapshotByteCountMin: Int64 = 1 << 20

  /// Opens the state of a stage whose lock is held, and which is there. `restore` comes next.
  ///
  /// - Parameters:
  ///   - schema: the key columns first.
  ///   - appends: array columns of which a change holds only the elements that were added.
  ///   - version: the one to go on from; nil or 0: no version was ever committed.
  package init(
    _ stage: StageDirectory, schema: Schema, keyCount: Int, appends: Set<Int>, version: Int64?
  ) throws(StreamError) {
    layout = StateLayout(schema: schema, keyCount: keyCount, appends: appends)
    self.version = version == 0 ? nil : version
    try Disk.makeDirectory(stage.statePath)
    listing = try StateListing(stage.statePath)
  }

  /// The bytes of the files that the version is read from.
  package var byteCount: Int64 { snapshotByteCount + changesByteCount }

  private var changesByteCount: Int64 { closedByteCount + (segment?.byteCount ?? 0) }

  /// Gives out the rows of the version that the store was opened at: those of the snapshot, then
  /// those of the changes, in order. Then removes every newer version, durably.
  ///
  /// Nothing is given out before all checksums were verified, and nothing is removed before all
  /// rows were given out.
  ///
  /// - Throws: an I/O error when the version cannot be rebuilt, or was written with another schema;
  ///   what `body` throws.
  package func restore(_ body: (Batch, _ isDeletion: Bool) throws -> Void) throws {
    try checkUsable(restored: false)
    let trail = try VersionTrail(to: version ?? 0, in: listing)
    try trail.check(layout)
    try trail.rows(body)
    try guarding { () throws(StreamError) in
      try removeNewer(than: version ?? 0)
      try resume(trail)
    }
    isRestored = true
  }

  /// Removes the newest files first, so that what is left still leads to the version.
  private func removeNewer(than version: Int64) throws(StreamError) {
    let snapshots = listing.snapshots.filter { $0 > version }
    let segments = listing.segments.filter { $0 >= version }
    let unfinished = listing.asides
    for snapshot in snapshots.reversed() {
      try Disk.remove(listing.snapshotPath(snapshot), label: StateListing.snapshotLabel)
    }
    for base in segments.reversed() {
      try Disk.remove(listing.segmentPath(base), label: StateListing.segmentLabel)
    }
    for path in unfinished { try Disk.remove(path, label: "\(StateListing.snapshotLabel).aside") }
    listing.snapshots.removeAll { $0 > version }
    listing.segments.removeAll { $0 >= version }
    listing.asides = []
    // Names that are kept may not be durable yet, and others will be removed on the strength of them.
    try Disk.synchronizeDirectory(listing.directory)
  }

  /// Goes on with the segment in which the version ends, if it ends in one.
  private func resume(_ trail: VersionTrail) throws(StreamError) {
    for (index, step) in trail.steps.enumerated() {
      if case .snapshot = step.kind {
        snapshotByteCount = step.end
      } else if index < trail.steps.count - 1 {
        closedByteCount += step.end
      } else {
        segment = try StateFileWriter(
          resuming: step.file.path, at: step.end, label: StateListing.segmentLabel, layout)
      }
    }
  }

  // MARK: - Going on

  /// Appends a version with the changes that `changes` gives out; it is durable when the call
  /// returns.
  ///
  /// - Parameters:
  ///   - version: above the present one.
  ///   - changes: calls `write` with rows of the schema. Deleted ones need no more than the key
  ///     columns.
  /// - Returns: false when nothing was given out: no version was written, and the last one goes on
  ///   to count.
  /// - Throws: when the disk refuses, having taken back what was written.
  package func append(
    version: Int64, _ changes: (_ write: (Batch, _ isDeletion: Bool) throws -> Void) throws -> Void
  ) throws -> Bool {
    try checkUsable()
    let base = self.version ?? 0
    guard version > base else {
      throw StreamError(.internal, "version \(version) of a state cannot follow \(base)")
    }
    let isNew = segment == nil
    do {
      try changes { batch, isDeletion in
        guard batch.rowCount > 0 else { return }
        let segment = try self.segment ?? makeSegment(after: base)
        self.segment = segment
        try segment.write(whole(batch), version: version, isDeletion: isDeletion)
      }
      guard let segment, segment.hasRows else { return false }
      try segment.end(version, after: base, schema: layout.schema)
      try segment.synchronize()
      if isNew {
        try Disk.synchronizeDirectory(listing.directory, label: StateListing.segmentLabel)
      }
    } catch {
      segment?.revert()
      fail(error)
      throw error
    }
    self.version = version
    return true
  }

  private func makeSegment(after base: Int64) throws(StreamError) -> StateFileWriter {
    let segment = try StateFileWriter(
      creating: listing.segmentPath(base), label: StateListing.segmentLabel, layout)
    listing.segments.append(base)
    return segment
  }

  /// Fills up rows that have nothing but their keys.
  private func whole(_ batch: Batch) -> Batch {
    let (given, all) = (batch.columns.count, layout.schema.fields)
    guard given < all.count, batch.schema.fields == Array(all[..<given]) else { return batch }
    let rest = all[given...].map { Column.nulls($0.type, count: batch.rowCount) }
    return Batch(schema: layout.schema, columns: batch.columns + rest, rowCount: batch.rowCount)
  }

  // MARK: - Snapshots

  /// Whether the changes outweigh the snapshot, so that a new one is worth its cost.
  ///
  /// A snapshot is no larger than the one before and the changes since, and is written only when
  /// the latter are the larger part: so each byte of changes pays for two bytes of snapshots at
  /// most, however many keys there are. And what is read at a start is at most twice the last
  /// snapshot, or a mebibyte more than it, and the changes of one further version.
  package var wantsSnapshot: Bool {
    changesByteCount > max(StateStore.snapshotByteCountMin, snapshotByteCount)
  }

  /// Writes a snapshot of the present version; what comes after goes into a new segment.
  ///
  /// - Parameter rows: calls `write` with all rows.
  /// - Throws: when the disk refuses; the version is whole without the snapshot.
  package func writeSnapshot(
    _ rows: (_ write: (Batch) throws -> Void) throws -> Void
  ) throws {
    try checkUsable()
    guard let version, listing.snapshots.last != version else { return }
    let (aside, path) = (listing.asidePath(version), listing.snapshotPath(version))
    let asideLabel = "\(StateListing.snapshotLabel).aside"
    try Disk.remove(aside, label: asideLabel)
    let writer = try StateFileWriter(creating: aside, label: asideLabel, layout)
    do {
      try rows { batch in try writer.write(batch, version: version, isDeletion: false) }
      try writer.end(version, after: nil, schema: layout.schema, isLast: true)
    } catch {
      try? Disk.remove(aside, label: asideLabel)
      throw error
    }
    try guarding { () throws(StreamError) in
      try writer.synchronize()
      try Disk.rename(aside, to: path, label: StateListing.snapshotLabel)
      try Disk.synchronizeDirectory(listing.directory, label: StateListing.snapshotLabel)
    }
    listing.snapshots.append(version)
    segment = nil
    (snapshotByteCount, closedByteCount) = (writer.byteCount, 0)
  }

  /// Deletes the files that no version from `floor` on needs: those in front of the newest snapshot
  /// at or below it. Who calls it has made the commit log durable.
  ///
  /// That they are gone need not be durable: should they come back, they are in nobody's way.
  package func prune(floor: Int64) throws(StreamError) {
    try checkUsable()
    guard let oldest = listing.snapshots.last(where: { $0 <= floor }) else { return }
    for snapshot in listing.snapshots where snapshot < oldest {
      try Disk.remove(listing.snapshotPath(snapshot), label: StateListing.snapshotLabel)
    }
    for base in listing.segments where base < oldest {
      try Disk.remove(listing.segmentPath(base), label: StateListing.segmentLabel)
    }
    listing.snapshots.removeAll { $0 < oldest }
    listing.segments.removeAll { $0 < oldest }
  }

  // MARK: - Failing

  private func checkUsable(restored: Bool = true) throws(StreamError) {
    if let failure { throw failure }
    guard isRestored == restored else {
      throw StreamError(
        .internal, "a state was \(isRestored ? "restored twice" : "used before it was restored")")
    }
  }

  private func guarding(_ body: () throws(StreamError) -> Void) throws(StreamError) {
    do throws(StreamError) {
      try body()
    } catch {
      failure = error
      throw error
    }
  }

  private func fail(_ error: any Error) {
    failure =
      error as? StreamError
      ?? StreamError(.internal, "the changes of a state broke off: \(error)")
  }
}
