extension Model {
  func takeAggregate(
    _ step: StageStep, _ world: inout World, _ run: Int, _ tale: inout Tale
  ) throws(Violation) {
    let name = "run \(world.runs[run].id), aggregate"
    switch step {
    case .lock: lockStage(&world, run, name, &tale)
    case .restore: try restoreAggregate(&world, run, name, &tale)
    case .write: writeState(&world, run, name, &tale)
    case .send: sendAggregate(&world, run, name, &tale)
    case .trim:
      let floor = takeTrimFloor(&world).version
      world.disk.snapshot = state(world, at: floor)
      world.disk.segment.rewrite { $0.version > floor }
      world.budget.trims -= 1
      tale.say("\(name): compacts its state up to version \(floor)")
    case .voidOrder: break
    case .noticeDeath: loseStage(&world, run)
    case .end: endStage(&world, run, name, &tale)
    }
  }

  /// The snapshot and the deltas behind it, up to a version.
  private func state(_ world: World, at version: UInt8) -> Delta {
    var state = world.disk.snapshot
    for delta in world.disk.segment.records where delta.version <= version {
      state.version = delta.version
      state.rows.append(delta.rows)
      state.held = delta.held
    }
    return state
  }

  /// Restores the version of the resume record and removes all newer ones. That version must be
  /// there, and be the fold of the rows up to the resume position.
  private func restoreAggregate(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) throws(Violation) {
    guard let header = header(of: world.runs[run], pipe: 0) else { return }
    let version = header.resume.version
    tale.say("\(name): restores version \(version)")
    _ = try world.disk.segment.read("the state's segment")
    let state = state(world, at: version)
    if state.version != version {
      throw Violation(
        "the aggregate has state of version \(state.version), not \(version): status 74 at every "
          + "start from now on")
    }
    let expected = Rows(source: 0, from: 0, through: header.resume[0].row)
    if state.rows != expected {
      throw Violation("the aggregate resumes from a fold of \(state.rows), not of \(expected)")
    }
    world.disk.segment.recover(mends)
    if mends.contains(.removesNewerVersions) {
      world.disk.segment.rewrite { $0.version <= version }
      tale.say("\(name): removes all newer versions, durably")
    }
    world.runs[run].stage?.held = state.held
    passHeader(header.resume, &world, run)
  }

  /// What an epoch does: its rows close the windows of those before them, a heartbeat and the
  /// final epoch close the last one.
  private func result(of rows: Rows, held: UInt8) -> (output: Rows, held: UInt8) {
    var output = Rows(row: held)
    output.append(rows)
    if rows.isEmpty { return (output, 0) }
    let last = rows.last
    output.removeLast()
    return (output, last)
  }

  private func writeState(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) {
    guard let (rows, ledger) = world.runs[run].pipes[0].epoch, let process = world.runs[run].stage
    else { return }
    let (_, held) = result(of: rows, held: process.held)
    world.runs[run].stage?.phase = .written(input: 0)
    if rows.isEmpty, process.held == 0 {
      tale.say("\(name): finds nothing to do in epoch \(ledger.epoch)")
    } else {
      world.disk.segment.append(Delta(version: ledger.epoch, rows: rows, held: held))
      tale.say("\(name): appends version \(ledger.epoch) to its segment")
    }
  }

  private func sendAggregate(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) {
    guard let epoch = world.runs[run].pipes[0].epoch, let process = world.runs[run].stage
    else { return }
    var ledger = epoch.ledger
    let (output, held) = result(of: epoch.rows, held: process.held)
    let isChanged = !epoch.rows.isEmpty || process.held != 0
    if isChanged { world.disk.segment.fsync() }
    world.disk.isStagePlanned = true
    ledger.version = isChanged ? ledger.epoch : process.ledger.version
    world.runs[run].pipes[0].removeEpoch()
    world.runs[run].stage = StageProcess(phase: .idle, ledger: ledger, held: held)
    tale.say(
      "\(name): \(isChanged ? "fsyncs its state, " : "")sends \(output) and the marker of epoch "
        + "\(ledger.epoch)")
    pass(output.isEmpty ? [.marker(ledger)] : [.rows(output), .marker(ledger)], &world, run)
  }
}
