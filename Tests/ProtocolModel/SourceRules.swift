extension Model {
  func addSourceSteps(_ world: World, _ runIndex: Int, _ source: Int, to steps: inout [Step]) {
    let run = world.runs[runIndex]
    let process = run.sources[source]
    func add(_ step: SourceStep) {
      steps.append(.source(run: run.id, source: source, step))
    }
    switch process.phase {
    case .unstarted:
      if !world.isSourceLocked(source) { add(.register) }
    case .registered:
      if !isHeldUp(world) { add(.readCommits) }
    case .idle:
      if hasRoom(world, process, source) { addCuts(world, process, source, add) }
      if world.budget.trims > 0,
        world.disk.intents[source].records.contains(where: {
          $0.epoch <= trimFloor(world)[source].epoch
        })
      {
        add(.trim)
      }
      if world.budget.stops > 0, canStop(world, process, source) { add(.stop) }
    case .open: add(.writeIntent)
    case .recorded: add(.sendMarker)
    case .gone: break
    }
  }

  /// Ends the waiting of a source for a lock, its own or a stage's, with status 75.
  func addGiveUps(_ world: World, to steps: inout [Step]) {
    for run in world.runs {
      for source in run.sources.indices
      where run.sources[source].phase == .unstarted || run.sources[source].phase == .registered {
        steps.append(.source(run: run.id, source: source, .giveUp))
      }
    }
  }

  /// Whether a source finds a lock taken for which it waits: one of a stage whose plan names it.
  /// All locks are looked at in one step, as no stage of an earlier run that takes its lock later
  /// gets past the comparison of run ids.
  private func isHeldUp(_ world: World) -> Bool {
    mends.contains(.waitsForLocks)
      && (world.isStageLocked && world.disk.isStagePlanned
        || world.isSinkLocked && world.disk.isSinkPlanned)
  }

  /// Whether a source may open an epoch: only so many are open beyond `commits.log`.
  private func hasRoom(_ world: World, _ process: SourceProcess, _ source: Int) -> Bool {
    process.position.epoch < world.disk.acknowledged(source: source) + bounds.openEpochs
  }

  func isWaitingForCommit(_ world: World, _ process: SourceProcess, _ source: Int) -> Bool {
    process.phase == .idle && !hasRoom(world, process, source)
  }

  private func canStop(_ world: World, _ process: SourceProcess, _ source: Int) -> Bool {
    !mends.contains(.replaysBeforeStopping)
      || intent(world, after: process.position, of: source) == nil
  }

  private func addCuts(
    _ world: World, _ process: SourceProcess, _ source: Int, _ add: (SourceStep) -> Void
  ) {
    if let intent = intent(world, after: process.position, of: source) {
      return add(.open(row: intent.row, isFinal: intent.isFinal))
    }
    let row = process.position.row
    let count = bounds.rows[source]
    if row < count {
      for cut in (row + 1)...count { add(.open(row: cut, isFinal: false)) }
    } else {
      add(.open(row: row, isFinal: true))
    }
    if world.budget.heartbeats > 0 { add(.open(row: row, isFinal: false)) }
  }

  /// What `intents.log` says of the epoch after a position.
  private func intent(_ world: World, after position: Position, of source: Int) -> Intent? {
    world.disk.intents[source].records.last { $0.epoch == position.epoch + 1 }
  }

  func takeSource(
    _ step: SourceStep, _ world: inout World, _ run: Int, _ source: Int, _ tale: inout Tale
  ) throws(Violation) {
    let name = "run \(world.runs[run].id), source \(source)"
    switch step {
    case .register:
      world.disk.runs[source] = world.runs[run].id
      world.runs[run].sources[source].phase = .registered
      tale.say("\(name): takes its lock and writes its run id, durably")
    case .readCommits: try readCommits(&world, run, source, name, &tale)
    case .open(let row, let isFinal): open(row, isFinal, &world, run, source, name, &tale)
    case .writeIntent:
      let cut = world.runs[run].sources[source].cut
      world.disk.intents[source].append(
        Intent(epoch: cut.epoch, row: cut.row, isFinal: cut.isFinal))
      world.runs[run].sources[source].phase = .recorded
      tale.say("\(name): writes the intent of epoch \(cut.epoch) (no fsync)")
    case .sendMarker: sendMarker(&world, run, source, name, &tale)
    case .trim:
      let floor = takeTrimFloor(&world)[source].epoch
      world.disk.intents[source].rewrite { $0.epoch > floor }
      world.budget.trims -= 1
      tale.say("\(name): drops its intents up to epoch \(floor)")
    case .giveUp:
      world.budget.giveUps -= 1
      world.fail(run)
      world.runs[run].endSource(source)
      tale.say("\(name): gives up waiting for a lock")
    case .stop:
      world.budget.stops -= 1
      world.runs[run].isDisturbed = true
      let isRead = send([.end], into: source, &world.runs[run])
      if !isRead { world.fail(run) }
      world.runs[run].endSource(source)
      tale.say("\(name): is told to stop, sends the end-of-stream mark and exits")
    }
  }

  private func readCommits(
    _ world: inout World, _ run: Int, _ source: Int, _ name: String, _ tale: inout Tale
  ) throws(Violation) {
    _ = try world.disk.intents[source].read("intents.log")
    world.disk.intents[source].recover(mends)
    _ = try world.disk.commits.read("commits.log")
    let resume = world.disk.floor
    var ids = Array(repeating: UInt8(0), count: shape.sourceCount)
    ids[source] = world.runs[run].id
    tale.say("\(name): reads commits.log, sends its header: resume after epoch \(resume.epoch)")
    var messages = [Message.header(Header(resume: resume, runs: ids))]
    if resume[source].isFinal { messages.append(.end) }
    let isRead = send(messages, into: source, &world.runs[run])
    if isRead, !resume[source].isFinal {
      world.runs[run].sources[source].position = resume[source]
      world.runs[run].sources[source].phase = .idle
    } else {
      if !isRead { world.fail(run) }
      world.runs[run].endSource(source)
    }
  }

  private func open(
    _ row: UInt8, _ isFinal: Bool, _ world: inout World, _ run: Int, _ source: Int,
    _ name: String, _ tale: inout Tale
  ) {
    let position = world.runs[run].sources[source].position
    let isReplay = intent(world, after: position, of: source) != nil
    let isHeartbeat = row == position.row && !isFinal
    let cut = Position(epoch: position.epoch + 1, row: row, isFinal: isFinal)
    if isHeartbeat, !isReplay { world.budget.heartbeats -= 1 }
    let rows = Rows(source: source, from: position.row, through: row)
    tale.say(
      "\(name): \(isReplay ? "replays" : "opens") epoch \(cut.epoch)"
        + (isFinal ? ", the final one" : isHeartbeat ? ", a heartbeat" : " and sends \(rows)"))
    if !rows.isEmpty, !send([.rows(rows)], into: source, &world.runs[run]) {
      world.fail(run)
      return world.runs[run].endSource(source)
    }
    world.runs[run].sources[source].cut = cut
    let isRecorded = isReplay || isHeartbeat && !mends.contains(.heartbeatIntents)
    world.runs[run].sources[source].phase = isRecorded ? .recorded : .open
  }

  private func sendMarker(
    _ world: inout World, _ run: Int, _ source: Int, _ name: String, _ tale: inout Tale
  ) {
    let cut = world.runs[run].sources[source].cut
    var ledger = Ledger(epoch: cut.epoch, isFinal: cut.isFinal)
    ledger[source] = cut
    let isRead = send(
      cut.isFinal ? [.marker(ledger), .end] : [.marker(ledger)], into: source, &world.runs[run])
    tale.say(
      "\(name): sends the marker of epoch \(cut.epoch)"
        + (cut.isFinal ? " and the end-of-stream mark, and exits" : ""))
    if isRead, !cut.isFinal {
      world.runs[run].sources[source].position = cut
      world.runs[run].sources[source].phase = .idle
    } else {
      if !isRead { world.fail(run) }
      world.runs[run].endSource(source)
    }
  }
}
