extension Model {
  /// What must hold in every state, and notes what a reader sees.
  func inspect(_ world: inout World) throws(Violation) {
    let shown = self.shown(world)
    try requirePrefix(shown)
    if target == .files { try inspectFiles(&world) }
    if target == .database { try require(shown, matches: world.database.ledger) }
    for run in world.runs where run.sink.phase == .idle && target == .files {
      try require(shown, matches: world.disk.floor)
    }
    if world.isComplete {
      let all = bounds.rows.indices.allSatisfy { source in
        shown.of(source: source) == Rows(source: source, from: 0, through: bounds.rows[source])
      }
      if !all { throw Violation("the query is complete and shows \(shown)") }
    }
  }

  /// Called where nothing more can happen.
  func inspectEnd(_ world: World) throws(Violation) {
    if !world.isComplete {
      throw Violation("nothing can move on, and the query is not complete")
    }
  }

  private func shown(_ world: World) -> Rows {
    guard target == .files else { return world.database.rows }
    var rows = Rows()
    for part in world.directory.current.finals { rows.append(part.rows) }
    return rows
  }

  /// Nothing lost, nothing twice, nothing out of order: what is shown of each source is its input
  /// up to some row.
  private func requirePrefix(_ shown: Rows) throws(Violation) {
    for source in 0..<shape.sourceCount {
      let rows = shown.of(source: source)
      if rows != Rows(source: source, from: 0, through: UInt8(rows.count)) {
        throw Violation("the target shows \(rows) of source \(source)")
      }
    }
  }

  /// What is shown is the result over the rows that the last commit stands for.
  private func require(_ shown: Rows, matches ledger: Ledger) throws(Violation) {
    for source in 0..<shape.sourceCount {
      let count = UInt8(shown.of(source: source).count)
      let position = ledger[source]
      let isOpenWindow = shape == .aggregate && !position.isFinal && count + 1 == position.row
      if count != position.row, !isOpenWindow {
        throw Violation(
          "epoch \(ledger.epoch) is committed with source \(source) at row \(position.row), and "
            + "the target shows \(shown)")
      }
    }
  }

  /// What a reader has seen may vanish with the power, but once the sink is up again it is there,
  /// and it never says something else.
  private func inspectFiles(_ world: inout World) throws(Violation) {
    let finals = world.directory.current.finals
    for part in world.seen {
      let now = finals.first { $0.epoch == part.epoch }
      if let now, now != part {
        throw Violation(
          "a reader saw \(part.rows) in format \(part.format) as epoch \(part.epoch), and now sees "
            + "\(now.rows) in format \(now.format)")
      }
      if now == nil, world.runs.contains(where: { $0.sink.phase == .idle }) {
        throw Violation("a reader saw epoch \(part.epoch), and after recovery it is gone")
      }
    }
    for part in finals where !world.seen.contains(part) { world.seen.append(part) }
  }
}
