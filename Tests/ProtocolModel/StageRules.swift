extension Model {
  func addStageSteps(_ world: World, _ runIndex: Int, to steps: inout [Step]) {
    let run = world.runs[runIndex]
    guard let process = run.stage else { return }
    func add(_ step: StageStep) { steps.append(.stage(run: run.id, step)) }
    switch process.phase {
    case .waiting:
      let hasHeaders = (0..<run.lastPipe).allSatisfy { header(of: run, pipe: $0) != nil }
      if hasHeaders, !world.isStageLocked { add(.lock) }
    case .locked: add(.restore)
    case .idle:
      addEpochSteps(world, run, process, add)
      if world.budget.trims > 0, canTrim(world) { add(.trim) }
      if shape == .join, (0..<run.lastPipe).contains(where: { run.pipes[$0].isBroken }) {
        add(.noticeDeath)
      }
      if (0..<run.lastPipe).allSatisfy({ run.pipes[$0].isAtEnd }) { add(.end) }
    case .written: add(.send)
    case .gone: break
    }
  }

  func header(of run: Run, pipe: Int) -> Header? {
    guard case .header(let header)? = run.pipes[pipe].messages.first else { return nil }
    return header
  }

  /// Which epochs the stage may take next: any, unless `order.log` still has an entry to obey.
  private func addEpochSteps(
    _ world: World, _ run: Run, _ process: StageProcess, _ add: (StageStep) -> Void
  ) {
    let wanted = wantedEntry(world, process)
    for pipe in 0..<run.lastPipe {
      if let wanted, Int(wanted.input) != pipe { continue }
      if run.pipes[pipe].epoch != nil {
        add(.write(input: UInt8(pipe)))
      } else if wanted != nil, run.pipes[pipe].isAtEnd {
        add(.voidOrder)
      }
    }
  }

  /// Whether the stage can take an epoch now.
  func canTakeEpoch(_ world: World, _ run: Run, _ process: StageProcess) -> Bool {
    var canTake = false
    addEpochSteps(world, run, process) { _ in canTake = true }
    return canTake
  }

  private func wantedEntry(_ world: World, _ process: StageProcess) -> OrderEntry? {
    world.disk.order.records.first { $0.epoch == process.ledger.epoch + 1 }
  }

  private func canTrim(_ world: World) -> Bool {
    switch shape {
    case .plain: false
    case .aggregate: world.disk.segment.records.contains { $0.version <= floor(world).version }
    case .join: world.disk.order.records.contains { $0.epoch <= floor(world).epoch }
    }
  }

  /// Takes the lock and compares the run ids, which keeps out a stage that wakes up when another
  /// run has begun. A source of that run has written its id before it looked at this lock.
  func lockStage(_ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale) {
    if mends.contains(.comparesRuns), runIDs(world.runs[run]) != world.disk.runs {
      tale.say("\(name): takes its lock, finds another run on disk and exits")
      world.fail(run)
      return world.runs[run].endStage()
    }
    tale.say("\(name): has its headers, takes its lock, compares the run ids")
    world.runs[run].stage?.phase = .locked
  }

  /// Sends on the header, with the run ids of all inputs.
  func passHeader(_ resume: Ledger, _ world: inout World, _ run: Int) {
    let header = Header(resume: resume, runs: runIDs(world.runs[run]))
    for pipe in 0..<world.runs[run].lastPipe { world.runs[run].pipes[pipe].messages.removeFirst() }
    world.runs[run].stage?.ledger = resume
    world.runs[run].stage?.phase = .idle
    pass([.header(header)], &world, run)
  }

  /// Sends to the sink, or exits for want of a reader.
  func pass(_ messages: [Message], _ world: inout World, _ run: Int) {
    let pipe = world.runs[run].lastPipe
    if !send(messages, into: pipe, &world.runs[run]) {
      world.fail(run)
      world.runs[run].endStage()
    }
  }

  func loseStage(_ world: inout World, _ run: Int) {
    world.fail(run)
    world.runs[run].endStage()
  }

  func endStage(_ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale) {
    tale.say("\(name): passes the end-of-stream mark on and exits")
    pass([.end], &world, run)
    if world.runs[run].stage?.phase != .gone { world.runs[run].endStage() }
  }

  // MARK: - Aggregate

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
      let floor = floor(world).version
      fsyncCommits(&world)
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

  // MARK: - Join

  func takeJoin(
    _ step: StageStep, _ world: inout World, _ run: Int, _ tale: inout Tale
  ) throws(Violation) {
    let name = "run \(world.runs[run].id), join"
    switch step {
    case .lock: lockStage(&world, run, name, &tale)
    case .restore: try restoreJoin(&world, run, name, &tale)
    case .write(let input): writeOrder(&world, run, input, name, &tale)
    case .send: sendJoin(&world, run, name, &tale)
    case .trim:
      let floor = floor(world).epoch
      fsyncCommits(&world)
      world.disk.order.rewrite { $0.epoch > floor }
      world.budget.trims -= 1
      tale.say("\(name): drops its order up to epoch \(floor)")
    case .voidOrder:
      let signed = world.runs[run].stage?.ledger.epoch ?? 0
      world.disk.order.rewrite { $0.epoch <= signed }
      tale.say("\(name): voids its order after epoch \(signed), an input has ended before")
    case .noticeDeath: loseStage(&world, run)
    case .end: endStage(&world, run, name, &tale)
    }
  }

  private func restoreJoin(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) throws(Violation) {
    guard let left = header(of: world.runs[run], pipe: 0),
      let right = header(of: world.runs[run], pipe: 1)
    else { return }
    guard left.resume == right.resume else {
      tale.say("\(name): its inputs resume differently, it exits")
      return loseStage(&world, run)
    }
    _ = try world.disk.order.read("order.log")
    world.disk.order.recover(mends)
    tale.say("\(name): resumes after epoch \(left.resume.epoch)")
    var resume = left.resume
    passHeader(resume, &world, run)
    if !mends.contains(.silentInputs) {
      resume.left = Position()
      resume.right = Position()
      world.runs[run].stage?.ledger = resume
    }
  }

  private func writeOrder(
    _ world: inout World, _ run: Int, _ input: UInt8, _ name: String, _ tale: inout Tale
  ) {
    guard let process = world.runs[run].stage else { return }
    let epoch = process.ledger.epoch + 1
    world.runs[run].stage?.phase = .written(input: input)
    if wantedEntry(world, process) == nil {
      world.disk.order.append(OrderEntry(epoch: epoch, input: input))
      tale.say("\(name): writes that its epoch \(epoch) is the next of source \(input) (no fsync)")
    } else {
      tale.say("\(name): obeys its order: epoch \(epoch) is the next of source \(input)")
    }
  }

  private func sendJoin(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) {
    guard let process = world.runs[run].stage, case .written(let input) = process.phase,
      let (rows, incoming) = world.runs[run].pipes[Int(input)].epoch
    else { return }
    var ledger = process.ledger
    ledger.epoch += 1
    ledger[Int(input)] = incoming[Int(input)]
    ledger.isFinal = ledger.left.isFinal && ledger.right.isFinal
    world.disk.isStagePlanned = true
    world.runs[run].pipes[Int(input)].removeEpoch()
    world.runs[run].stage = StageProcess(phase: .idle, ledger: ledger)
    tale.say("\(name): sends \(rows) and the marker of epoch \(ledger.epoch)")
    pass(rows.isEmpty ? [.marker(ledger)] : [.rows(rows), .marker(ledger)], &world, run)
  }
}
