extension Model {
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
      let floor = takeTrimFloor(&world).epoch
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
