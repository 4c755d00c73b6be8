internal import Checkpoint
internal import Columnar
internal import Diagnostics
package import JSONText
package import Operators
internal import State
internal import Wire

/// The state of a stage in the checkpoint: a version for each epoch that changed it.
final class StageState {
  private let files: StageFiles
  private let store: StateStore
  /// Rows of the last commit: those that are new or have changed, and those that are gone.
  private(set) var changes = (updated: Int64(0), removed: Int64(0))

  /// Gives the operator the state that goes with the commit that the run resumes after. What is
  /// newer is removed: it will be made again.
  ///
  /// - Parameter header: with this stage at the end of its plan.
  init(
    _ header: Header, _ files: StageFiles, restoring operation: inout any StatefulOperator
  ) throws {
    self.files = files
    operation.keepChanges()
    store = try StateStore(
      files.directory, schema: operation.stateSchema, keyCount: operation.stateKeyCount,
      appends: operation.stateAppends, version: try StageState.version(header, files))
    var restored = operation
    try store.restore { rows, isDeletion in
      try restored.restore(rows, isDeletion ? .delete : .insert)
    }
    operation = restored
  }

  private static func version(_ header: Header, _ files: StageFiles) throws -> Int64? {
    guard let resume = header.resume, header.isCommitted else { return nil }
    let id = files.directory.id
    guard let part = resume["stages"]?[id] else {
      throw StreamError(
        .io, "\(id) is new in this query, and its state would lack the rows of earlier runs",
        hint: "leave it out, or begin anew with another --checkpoint directory")
    }
    return part["version"]?.int64
  }

  /// Keeps what an epoch changed: durable when the call returns.
  ///
  /// - Returns: the version that belongs to the epoch; nil if there never was a change.
  func commit(_ operation: inout any StatefulOperator, epoch: Int64) throws -> Int64? {
    try files.recordPlan()
    var changed = operation
    changes = (0, 0)
    _ = try store.append(version: epoch) { write in
      try changed.takeChanges { rows, change in
        switch change {
        case .insert: changes.updated += Int64(rows.rowCount)
        case .delete: changes.removed += Int64(rows.rowCount)
        }
        try write(rows, change == .delete)
      }
    }
    operation = changed
    if store.wantsSnapshot {
      try store.writeSnapshot { write in try operation.snapshot(write) }
      try prune()
    }
    return store.version
  }

  /// Drops versions that nobody can resume from any more.
  private func prune() throws {
    guard let floor = try files.durableCommit()?.version(ofStage: files.directory.id) else {
      return
    }
    try store.prune(floor: floor)
  }
}

/// An operator whose state is so small that it travels with the markers.
package protocol MemoOperator: Operator {
  /// nil when there is nothing to remember.
  var memo: JSON? { get }

  /// - Parameter memo: as it was signed with the commit that the run resumes after.
  mutating func restore(_ memo: JSON) throws
}
