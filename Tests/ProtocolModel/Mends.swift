/// The rules of the protocol that close a hole which its model finds without them.
///
/// All are on in the protocol as it stands. To take one out shows what it is good for: the explorer
/// then comes back with the steps that lose, double or contradict rows.
package struct Mends: OptionSet, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// An empty epoch, in which only time moves, has an intent too: it can close state, and a
  /// replay must not put rows into it.
  package static let heartbeatIntents = Mends(rawValue: 1 << 0)
  /// Who drops something on the strength of `commits.log` needs a commit that is durable: else a
  /// power loss takes it back, and what it allowed to drop is gone.
  package static let trimsBehindDurableCommits = Mends(rawValue: 1 << 1)
  /// For the rule above, a commit is durable when a later line of the log says so. To fsync the log
  /// oneself is not enough: after its writer's fsync has failed, a second one succeeds and means
  /// nothing.
  package static let trimsByDurableLength = Mends(rawValue: 1 << 2)
  /// In a join, an input that has sent no marker in this run counts as in `stream.resume`.
  package static let silentInputs = Mends(rawValue: 1 << 3)
  /// A stateful stage removes, durably, every version above the one it resumes from.
  package static let removesNewerVersions = Mends(rawValue: 1 << 4)
  /// A file takes its final name only when the record that commits it is durable.
  package static let commitsBeforeRename = Mends(rawValue: 1 << 5)
  /// The sink fsyncs the intents and order logs of its ledger before it commits: what it has
  /// committed must be replayed alike when it is replayed at all.
  package static let commitsBehindDurableIntents = Mends(rawValue: 1 << 6)
  /// A stage compares the run ids of its header with those on disk once it holds its lock: one that
  /// wakes up late must not write.
  package static let comparesRuns = Mends(rawValue: 1 << 7)
  /// A source waits for the locks of the last run's stages before it reads `commits.log`.
  package static let waitsForLocks = Mends(rawValue: 1 << 8)
  /// The end of a pipe without the end-of-stream mark throws the open epoch away.
  package static let discardsOpenEpoch = Mends(rawValue: 1 << 9)
  /// A start repeats the renames of the last commit.
  package static let repeatsRenames = Mends(rawValue: 1 << 10)
  /// A start makes what it has read of its own log durable before it acts on it.
  package static let durableTails = Mends(rawValue: 1 << 11)
  /// A start cuts a torn last line before it appends.
  package static let cutsTornTails = Mends(rawValue: 1 << 12)
  /// The directory of a file written aside is fsynced before the commit that names the file.
  package static let durableAsideNames = Mends(rawValue: 1 << 13)
  /// A commit that only the target knows of enters `commits.log` when its marker is replayed, not
  /// at the start: until then the stages before the sink have thrown its state away.
  package static let recordsTargetLedgerOnReplay = Mends(rawValue: 1 << 14)
  /// A sink records its plan before it compares the run ids for its first commit: a source waits
  /// only for stages whose plan it finds, so of the two at least one sees the other.
  package static let plansBeforeComparing = Mends(rawValue: 1 << 15)
  /// Who waits (for input, for a commit) also notices that the reader of its pipe is gone.
  package static let noticesClosedPipe = Mends(rawValue: 1 << 16)
  /// A source that is told to stop replays all its intents first: a join takes the end of an input
  /// as leave to void its order, of which a target may have seen the outcome.
  package static let replaysBeforeStopping = Mends(rawValue: 1 << 17)
  /// A sink compares the run ids again before it commits.
  package static let comparesBeforeCommit = Mends(rawValue: 1 << 18)
  /// A start writes its log anew instead of only fsyncing it: after a failed fsync the page cache
  /// takes for clean what the disk does not have.
  package static let rewritesLogs = Mends(rawValue: 1 << 19)

  private static let names: [(mend: Mends, name: String)] = [
    (.heartbeatIntents, "heartbeatIntents"),
    (.trimsBehindDurableCommits, "trimsBehindDurableCommits"),
    (.trimsByDurableLength, "trimsByDurableLength"),
    (.silentInputs, "silentInputs"),
    (.removesNewerVersions, "removesNewerVersions"),
    (.commitsBeforeRename, "commitsBeforeRename"),
    (.commitsBehindDurableIntents, "commitsBehindDurableIntents"),
    (.comparesRuns, "comparesRuns"),
    (.waitsForLocks, "waitsForLocks"),
    (.discardsOpenEpoch, "discardsOpenEpoch"),
    (.repeatsRenames, "repeatsRenames"),
    (.durableTails, "durableTails"),
    (.cutsTornTails, "cutsTornTails"),
    (.durableAsideNames, "durableAsideNames"),
    (.recordsTargetLedgerOnReplay, "recordsTargetLedgerOnReplay"),
    (.plansBeforeComparing, "plansBeforeComparing"),
    (.noticesClosedPipe, "noticesClosedPipe"),
    (.replaysBeforeStopping, "replaysBeforeStopping"),
    (.comparesBeforeCommit, "comparesBeforeCommit"),
    (.rewritesLogs, "rewritesLogs"),
  ]

  /// Each rule by itself.
  package static let allCases = names.map(\.mend)
  /// The protocol as it stands.
  package static let all = Mends(allCases)

  package var description: String {
    Mends.names.filter { contains($0.mend) }.map(\.name).joined(separator: ", ")
  }
}
