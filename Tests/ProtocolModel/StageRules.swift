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

  func wantedEntry(_ world: World, _ process: StageProcess) -> OrderEntry? {
    world.disk.order.records.first { $0.epoch == process.ledger.epoch + 1 }
  }

  private func canTrim(_ world: World) -> Bool {
    switch shape {
    case .plain: false
    case .aggregate: world.disk.segment.records.contains { $0.version <= trimFloor(world).version }
    case .join: world.disk.order.records.contains { $0.epoch <= trimFloor(world).epoch }
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
}
