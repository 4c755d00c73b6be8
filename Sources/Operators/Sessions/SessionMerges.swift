import Columnar

/// The rows of a batch and the sessions that they are in, and what merges on the way: to be done in
/// rounds, first the rows of a round and then its merges. For each session this is what would be
/// done row by row.
struct SessionRun {
  struct Round {
    /// The rows of the round, ascending; nil: all.
    var rows: Buffer<Int32>?
    /// Each session is named once.
    var merged: [Int32] = []
    /// What each of them is merged into.
    var targets: [Int32] = []
  }

  /// That of each row, as it was when the row was added.
  let sessions: Buffer<Int32>
  let rounds: [Round]
}

/// Finds the rounds of a batch: what depends on a merge comes in a later one.
struct SessionMerges {
  private var rounds: [SessionRun.Round] = []
  /// Where sessions stand that merges have to do with; all others are in the first round.
  private var roundOf: [Int32: Int] = [:]
  /// Of each row from the first merge on.
  private var roundOfRow: [Int] = []
  private var firstRow = 0

  /// Adds a row behind all that has been said before.
  @inline(__always)
  mutating func add(_ row: Int, of session: Int32) {
    if rounds.isEmpty { return }
    if roundOfRow.isEmpty { firstRow = row }
    roundOfRow.append(roundOf[session] ?? 0)
  }

  /// Merges a session into another one, behind all that has been said before.
  mutating func merge(_ session: Int32, into target: Int32) {
    let round = max(roundOf[session] ?? 0, roundOf[target] ?? 0)
    if round == rounds.count { rounds.append(SessionRun.Round()) }
    rounds[round].merged.append(session)
    rounds[round].targets.append(target)
    roundOf[target] = round + 1
  }

  /// - Parameter sessions: that of each row.
  func run(_ sessions: Buffer<Int32>) -> SessionRun {
    guard !rounds.isEmpty else { return SessionRun(sessions: sessions, rounds: [.init()]) }
    var rows = [[Int32]](repeating: [], count: rounds.count + 1)
    rows[0] = (0..<Int32(truncatingIfNeeded: firstRow)).map { $0 }
    for (offset, round) in roundOfRow.enumerated() {
      rows[round].append(Int32(truncatingIfNeeded: firstRow + offset))
    }
    let all = rounds + [.init()]
    return SessionRun(
      sessions: sessions,
      rounds: zip(all, rows).map { round, rows in
        SessionRun.Round(rows: Buffer(rows), merged: round.merged, targets: round.targets)
      })
  }
}
