extension Model {
  static let stageBit: UInt8 = 4
  static let sinkBit: UInt8 = 8

  /// Every disaster that may come next.
  func disasters(in world: World) -> [Step] {
    var steps: [Step] = []
    if world.budget.kills > 0 {
      for run in world.runs {
        let alive = living(run)
        for victims in 1..<UInt8(16) where victims & ~alive == 0 {
          steps.append(.kill(run: run.id, victims: victims))
        }
      }
    }
    if world.budget.powerLosses > 0 {
      let count = outcomes(world).reduce(1, *)
      for choice in 0..<count { steps.append(.powerLoss(choice: choice)) }
    }
    return steps
  }

  private func living(_ run: Run) -> UInt8 {
    var alive: UInt8 = 0
    for source in run.sources.indices where run.sources[source].phase != .gone {
      alive |= 1 << UInt8(source)
    }
    if let stage = run.stage, stage.phase != .gone { alive |= Model.stageBit }
    if run.sink.phase != .gone { alive |= Model.sinkBit }
    return alive
  }

  /// Loses some processes of a run. The others see the end of a pipe, or a pipe without a reader,
  /// when they get there, and until then live on beside the next run.
  func kill(_ world: inout World, _ run: Int, victims: UInt8, _ tale: inout Tale) {
    var names: [String] = []
    world.fail(run)
    world.runs[run].isDisturbed = true
    for source in world.runs[run].sources.indices where victims & (1 << UInt8(source)) != 0 {
      world.runs[run].endSource(source)
      names.append("source \(source)")
    }
    if victims & Model.stageBit != 0 {
      world.runs[run].endStage()
      names.append("\(shape)")
    }
    if victims & Model.sinkBit != 0 {
      world.runs[run].endSink()
      names.append("sink")
    }
    world.budget.kills -= 1
    tale.say("KILLED in run \(world.runs[run].id): " + names.joined(separator: ", "))
  }

  /// The number of ways in which each file can come out of a power loss.
  private func outcomes(_ world: World) -> [Int] {
    world.disk.intents.map { $0.survivorCount(tears: bounds.hasTears) } + [
      world.disk.segment.survivorCount(tears: bounds.hasTears),
      world.disk.order.survivorCount(tears: bounds.hasTears),
      world.disk.commits.survivorCount(tears: bounds.hasTears),
      world.directory.imageCount,
    ]
  }

  /// Loses all processes and, file by file, any part of what was not durable.
  func losePower(_ world: inout World, choice: Int, _ tale: inout Tale) {
    var rest = choice
    let choices = outcomes(world).map { count in
      defer { rest /= count }
      return rest % count
    }
    let tears = bounds.hasTears
    let sources = shape.sourceCount
    for source in 0..<sources {
      world.disk.intents[source].losePower(choice: choices[source], tears: tears)
    }
    world.disk.segment.losePower(choice: choices[sources], tears: tears)
    world.disk.order.losePower(choice: choices[sources + 1], tears: tears)
    world.disk.commits.losePower(choice: choices[sources + 2], tears: tears)
    world.directory.losePower(choice: choices[sources + 3])
    world.runs = []
    world.mayStart = true
    world.isComplete = false
    world.budget.powerLosses -= 1
    let disk = world.disk
    tale.say(
      "POWER LOST. Left are intents \(disk.intents.map { $0.records.map(\.epoch) }), state "
        + "\(disk.segment.records.map(\.version)), order \(disk.order.records.map(\.input)), commits "
        + "\(disk.commits.records.map(\.ledger.epoch))")
  }

  /// Lets processes exit that can do nothing else.
  func settle(_ world: inout World) {
    var isSettled = false
    while !isSettled {
      isSettled = true
      for run in world.runs.indices {
        if settleSources(&world, run) || settleStage(&world, run) || settleSink(&world, run) {
          isSettled = false
        }
      }
    }
    world.runs.removeAll(where: \.isGone)
  }

  private func settleSources(_ world: inout World, _ run: Int) -> Bool {
    guard mends.contains(.noticesClosedPipe) else { return false }
    var isChanged = false
    for source in world.runs[run].sources.indices
    where world.runs[run].pipes[source].isReaderGone
      && isWaitingForCommit(world, world.runs[run].sources[source], source)
    {
      world.fail(run)
      world.runs[run].endSource(source)
      isChanged = true
    }
    return isChanged
  }

  private func settleStage(_ world: inout World, _ runIndex: Int) -> Bool {
    let run = world.runs[runIndex]
    guard let stage = run.stage, stage.phase == .waiting || stage.phase == .idle else {
      return false
    }
    let inputs = 0..<run.lastPipe
    var isChanged = false
    if !mends.contains(.discardsOpenEpoch), stage.phase == .idle {
      for pipe in inputs where run.pipes[pipe].isStarved {
        mistakeDeathForEnd(&world.runs[runIndex].pipes[pipe], stage.ledger)
        isChanged = true
      }
      if isChanged { return true }
    }
    let isStarved = inputs.contains { run.pipes[$0].isStarved }
    let isCut = run.pipes[run.lastPipe].isReaderGone && mends.contains(.noticesClosedPipe)
    let isAtEnd = inputs.allSatisfy { run.pipes[$0].isAtEnd }
    let canAct =
      stage.phase == .waiting
      ? inputs.allSatisfy { run.pipes[$0].isReady } : canTakeEpoch(world, run, stage)
    guard !canAct, !isAtEnd, isStarved || isCut else { return false }
    loseStage(&world, runIndex)
    return true
  }

  private func settleSink(_ world: inout World, _ run: Int) -> Bool {
    let sink = world.runs[run].sink
    guard sink.phase == .waiting || sink.phase == .idle,
      world.runs[run].pipes[world.runs[run].lastPipe].isStarved
    else { return false }
    if !mends.contains(.discardsOpenEpoch), sink.phase == .idle {
      mistakeDeathForEnd(&world.runs[run].pipes[world.runs[run].lastPipe], sink.ledger)
    } else {
      loseSink(&world, run)
    }
    return true
  }

  /// What a stage does that takes the end of a pipe for the end of the stream: the rows at hand
  /// become an epoch.
  private func mistakeDeathForEnd(_ pipe: inout Pipe, _ last: Ledger) {
    if !pipe.messages.isEmpty {
      var ledger = last
      ledger.epoch += 1
      pipe.messages.append(.marker(ledger))
    }
    pipe.messages.append(.end)
  }
}
