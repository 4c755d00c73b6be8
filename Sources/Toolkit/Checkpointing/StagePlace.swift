package import Checkpoint
package import JSONText
internal import Wire

/// The place in the checkpoint of a stage that keeps files of a kind of its own there. It has joined
/// the run: the stage's lock is held.
package final class StagePlace {
  /// What the stage signed the commit with that the run resumes after; nil: it has no part in it.
  package let resume: JSON?
  /// The query has committed epochs in which the stage had no part.
  package let isNew: Bool
  private let files: StageFiles
  private var commits: CommitView?

  init(_ files: StageFiles, _ header: Header) {
    self.files = files
    resume = header.resume?["stages"]?[files.directory.id]
    isNew = header.isCommitted && resume == nil
  }

  package var directory: StageDirectory { files.directory }

  /// Notes how the stage is run. Call it before the first marker is signed, and not before all is
  /// well: a start that fails records nothing.
  package func recordPlan() throws { try files.recordPlan() }

  /// What the stage signed the last commit with that is known to be durable: what only it and
  /// earlier ones need may go. nil before the first.
  package func durablePart() throws -> JSON? {
    if commits == nil, let sink = try files.checkpoint.sink() { commits = CommitView(sink) }
    try commits?.refresh()
    return commits?.floor?.ledger["stages"]?[files.directory.id]
  }
}
