extension Model {
  func addSinkSteps(_ world: World, _ runIndex: Int, to steps: inout [Step]) {
    let run = world.runs[runIndex]
    let pipe = run.pipes[run.lastPipe]
    func add(_ step: SinkStep) { steps.append(.sink(run: run.id, step)) }
    switch run.sink.phase {
    case .waiting:
      if header(of: run, pipe: run.lastPipe) != nil, !world.isSinkLocked { add(.lock) }
    case .locked: add(.restore)
    case .idle:
      if pipe.isAtEnd { return add(.end) }
      guard let (rows, ledger) = pipe.epoch else { return }
      if ledger.epoch <= run.sink.committed {
        add(.skip)
      } else if isUnchanged(rows, ledger, run.sink) {
        add(.softCommit)
      } else {
        add(.stage)
      }
    case .staged:
      add(target == .files && !mends.contains(.commitsBeforeRename) ? .rename : .record)
    case .recorded:
      add(.fsync)
      if world.budget.fsyncErrors > 0 { add(.failFsync) }
    case .committed: add(.rename)
    case .renamed: add(.fsyncDirectory)
    case .gone: break
    }
  }

  /// No rows, no new version, no end: it is acknowledged, without an fsync.
  private func isUnchanged(_ rows: Rows, _ ledger: Ledger, _ sink: SinkProcess) -> Bool {
    rows.isEmpty && ledger.version == sink.ledger.version && !ledger.isFinal
  }

  func takeSink(
    _ step: SinkStep, _ world: inout World, _ run: Int, _ tale: inout Tale
  ) throws(Violation) {
    let name = "run \(world.runs[run].id), sink"
    let lastPipe = world.runs[run].lastPipe
    switch step {
    case .lock: lockSink(&world, run, name, &tale)
    case .restore: try restoreSink(&world, run, name, &tale)
    case .skip: skip(&world, run, name, &tale)
    case .softCommit:
      guard let (_, ledger) = world.runs[run].pipes[lastPipe].epoch else { return }
      world.disk.isSinkPlanned = true
      guard isStillCurrent(&world, run, name, &tale) else { return }
      appendCommit(ledger, isSoft: true, &world, run)
      finishEpoch(ledger, &world, run)
      tale.say("\(name): acknowledges epoch \(ledger.epoch) softly")
    case .stage: stageEpoch(&world, run, name, &tale)
    case .record: record(&world, run, name, &tale)
    case .fsync:
      world.disk.commits.fsync()
      tale.say("\(name): fsyncs commits.log")
      commitIsDurable(&world, run)
    case .failFsync:
      world.budget.fsyncErrors -= 1
      world.disk.commits.failFsync()
      world.runs[run].isDisturbed = true
      tale.say("\(name): fails to fsync commits.log and exits")
      loseSink(&world, run)
    case .rename: rename(&world, run, name, &tale)
    case .fsyncDirectory:
      guard let (_, ledger) = world.runs[run].pipes[lastPipe].epoch else { return }
      world.directory.fsync()
      tale.say("\(name): fsyncs its directory")
      if mends.contains(.commitsBeforeRename) {
        finishEpoch(ledger, &world, run)
      } else {
        record(&world, run, name, &tale)
      }
    case .end: try end(&world, run, name, &tale)
    }
  }

  private func lockSink(_ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale) {
    if mends.contains(.comparesRuns), runIDs(world.runs[run]) != world.disk.runs {
      tale.say("\(name): takes its lock, finds another run on disk and exits")
      return loseSink(&world, run)
    }
    world.runs[run].sink.phase = .locked
    tale.say("\(name): has its header, takes its lock, compares the run ids")
  }

  func loseSink(_ world: inout World, _ run: Int) {
    world.fail(run)
    world.runs[run].endSink()
  }

  private func restoreSink(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) throws(Violation) {
    let lastPipe = world.runs[run].lastPipe
    guard let header = header(of: world.runs[run], pipe: lastPipe) else { return }
    _ = try world.disk.commits.read("commits.log")
    world.disk.commits.recover(mends)
    let durable = world.disk.floor
    var committed = durable
    if target == .files {
      if mends.contains(.repeatsRenames) {
        world.directory.rename(epoch: committed.epoch)
        world.directory.fsync()
        tale.say("\(name): repeats the rename of epoch \(committed.epoch), fsyncs its directory")
      }
      world.directory.removeAsides()
    } else if world.database.ledger.epoch > committed.epoch {
      committed = world.database.ledger
      tale.say("\(name): finds its target ahead, at epoch \(committed.epoch)")
      if !mends.contains(.recordsTargetLedgerOnReplay) {
        appendCommit(committed, &world, run)
        tale.say("\(name): appends it to commits.log")
      }
    }
    tale.say("\(name): is ready, its last commit is epoch \(committed.epoch)")
    world.runs[run].pipes[lastPipe].messages.removeFirst()
    world.runs[run].sink = SinkProcess(
      phase: .idle, ledger: header.resume, committed: committed.epoch, durable: durable)
  }

  /// An epoch that is committed. If `commits.log` does not know it (the target was ahead), it says
  /// so from now on: now the stages before the sink have its state again.
  private func skip(_ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale) {
    let lastPipe = world.runs[run].lastPipe
    guard let (_, ledger) = world.runs[run].pipes[lastPipe].epoch else { return }
    tale.say("\(name): skips epoch \(ledger.epoch), which is committed")
    if world.disk.floor.epoch < ledger.epoch {
      appendCommit(ledger, &world, run)
      tale.say("\(name): appends it to commits.log")
    }
    finishEpoch(ledger, &world, run)
  }

  private func finishEpoch(_ ledger: Ledger, _ world: inout World, _ run: Int) {
    world.runs[run].sink.phase = .idle
    world.runs[run].sink.ledger = ledger
    world.runs[run].pipes[world.runs[run].lastPipe].removeEpoch()
  }

  private func isStillCurrent(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) -> Bool {
    guard mends.contains(.comparesBeforeCommit), runIDs(world.runs[run]) != world.disk.runs else {
      return true
    }
    tale.say("\(name): finds another run on disk and exits")
    loseSink(&world, run)
    return false
  }

  /// Everything before the commit: the plan, the comparison of run ids, the fsync of what a replay
  /// needs, the file under a name that nobody reads. For a database it is the commit.
  private func stageEpoch(_ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale) {
    let lastPipe = world.runs[run].lastPipe
    if mends.contains(.plansBeforeComparing) { world.disk.isSinkPlanned = true }
    guard let (rows, ledger) = world.runs[run].pipes[lastPipe].epoch,
      isStillCurrent(&world, run, name, &tale)
    else { return }
    if mends.contains(.commitsBehindDurableIntents) {
      for source in world.disk.intents.indices { world.disk.intents[source].fsync() }
      world.disk.order.fsync()
      tale.say("\(name): fsyncs the intents and order logs for epoch \(ledger.epoch)")
    }
    if target == .files, !rows.isEmpty {
      let format = world.runs[run].format
      world.directory.writeAside(Part(epoch: ledger.epoch, rows: rows, format: format))
      tale.say("\(name): writes \(rows) of epoch \(ledger.epoch) aside and fsyncs the file")
      if mends.contains(.durableAsideNames) {
        world.directory.fsync()
        tale.say("\(name): fsyncs its directory")
      }
    }
    if target == .database {
      world.database.rows.append(rows)
      world.database.ledger = ledger
      tale.say("\(name): commits \(rows) and ledger \(ledger.epoch) in one durable transaction")
    }
    world.runs[run].sink.phase = .staged
  }

  /// Appends the commit. For a database it is a copy of what the target knows, and needs no fsync.
  private func record(_ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale) {
    guard let (_, ledger) = world.runs[run].pipes[world.runs[run].lastPipe].epoch else { return }
    world.disk.isSinkPlanned = true
    appendCommit(ledger, &world, run)
    world.runs[run].sink.committed = ledger.epoch
    tale.say("\(name): appends the commit of epoch \(ledger.epoch) to commits.log")
    if target == .database {
      finishEpoch(ledger, &world, run)
    } else {
      world.runs[run].sink.phase = .recorded
    }
  }

  /// Every line says up to where the log was durable when it was written.
  private func appendCommit(
    _ ledger: Ledger, isSoft: Bool = false, _ world: inout World, _ run: Int
  ) {
    world.disk.commits.append(
      Commit(ledger: ledger, isSoft: isSoft, durable: world.runs[run].sink.durable))
  }

  private func commitIsDurable(_ world: inout World, _ run: Int) {
    guard let (rows, ledger) = world.runs[run].pipes[world.runs[run].lastPipe].epoch else { return }
    world.runs[run].sink.durable = ledger
    if rows.isEmpty || !mends.contains(.commitsBeforeRename) {
      finishEpoch(ledger, &world, run)
    } else {
      world.runs[run].sink.phase = .committed
    }
  }

  private func rename(_ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale) {
    guard let (_, ledger) = world.runs[run].pipes[world.runs[run].lastPipe].epoch else { return }
    world.directory.rename(epoch: ledger.epoch)
    world.runs[run].sink.phase = .renamed
    tale.say("\(name): renames the file of epoch \(ledger.epoch): a reader sees it")
  }

  private func end(
    _ world: inout World, _ run: Int, _ name: String, _ tale: inout Tale
  ) throws(Violation) {
    tale.say("\(name): is at the end-of-stream mark and exits")
    if !world.disk.floor.isFinal, !world.runs[run].isDisturbed {
      throw Violation("an undisturbed run has come to its end, and the query is not complete")
    }
    if world.runs[run].id == world.runID {
      world.isComplete = world.disk.floor.isFinal
      world.mayStart = !world.isComplete
    }
    world.runs[run].endSink()
  }
}
