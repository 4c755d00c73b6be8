/// A pipeline under the protocol: its shape, its target, the rules in force, and the bounds within
/// which it is explored.
///
/// The model knows rows, epochs, files, names, locks, pipes and deaths, and nothing else. Input
/// grows while a run reads it: a source finds any number of the rows that are left whenever it
/// looks, so the epochs of two runs are cut alike only where an intent says so.
///
/// Some steps are merged, where nobody can see the difference:
/// - A stage takes an epoch out of its pipe in the step that first writes what it did. Rows that
///   it has merely received are in no other way lost than rows in the pipe of a dead reader.
/// - A file that is replaced durably (aside, fsync, rename, fsync of the directory) is one step, as
///   a power loss within it leaves the old content or the new.
/// - A process that can only exit does so at once: until then it would only hold its lock, and
///   that delays others without changing what they do.
/// - To fsync and then to send is one step: a stage that dies in between leaves the same files as
///   one whose reader dies with the message unread.
///
/// Left out, as a log like the intents or a single commit stands for it: received rows that are
/// kept in a WAL, several targets, programs as targets, stages without files. Left out as well is
/// the wait for the sink's registration, without which more can happen, not less.
package struct Model: Sendable {
  /// The stages that stand in the pipeline.
  package enum Shape: Sendable, CaseIterable {
    /// A source and a sink.
    case plain
    /// A source, a stateful stage and a sink. The stage keeps the last row until a later one, or
    /// the passing of time, closes its window.
    case aggregate
    /// Two sources, a union in the order of their epochs, and a sink.
    case join

    var sourceCount: Int { self == .join ? 2 : 1 }
    var hasStage: Bool { self != .plain }
  }

  /// What the sink writes to.
  package enum Target: Sendable, CaseIterable {
    case files, database
  }

  /// How far the exploration goes.
  package struct Bounds: Sendable {
    /// The rows in the input of each source, at most seven.
    var rows: [UInt8]
    /// Empty epochs that a source may close because time has passed.
    var heartbeats: UInt8 = 0
    /// How often some processes of a run are lost.
    var kills: UInt8 = 0
    var powerLosses: UInt8 = 0
    /// How often a log or a state is cut at the floor.
    var trims: UInt8 = 0
    /// How often a start changes the format of what the sink writes.
    var planChanges: UInt8 = 0
    /// How often a source is asked to end between two epochs.
    var stops: UInt8 = 0
    /// How often a source gives up waiting for a lock when nothing else can happen.
    var giveUps: UInt8 = 0
    /// How often an fsync of `commits.log` fails.
    var fsyncErrors: UInt8 = 0
    /// Epochs that a source opens beyond `commits.log`.
    var openEpochs: UInt8 = 2
    /// Whether a power loss can leave half a line.
    var hasTears = false

    package init(
      rows: [UInt8], heartbeats: UInt8 = 0, kills: UInt8 = 0, powerLosses: UInt8 = 0,
      trims: UInt8 = 0, planChanges: UInt8 = 0, stops: UInt8 = 0, giveUps: UInt8 = 0,
      fsyncErrors: UInt8 = 0, openEpochs: UInt8 = 2, hasTears: Bool = false
    ) {
      self.rows = rows
      self.heartbeats = heartbeats
      self.kills = kills
      self.powerLosses = powerLosses
      self.trims = trims
      self.planChanges = planChanges
      self.stops = stops
      self.giveUps = giveUps
      self.fsyncErrors = fsyncErrors
      self.openEpochs = openEpochs
      self.hasTears = hasTears
    }

    var budget: Budget {
      Budget(
        kills: kills, powerLosses: powerLosses, heartbeats: heartbeats, trims: trims,
        planChanges: planChanges, stops: stops, giveUps: giveUps,
        fsyncErrors: fsyncErrors)
    }
  }

  let shape: Shape
  let target: Target
  var mends: Mends
  let bounds: Bounds

  package init(_ shape: Shape, into target: Target, mends: Mends = .all, bounds: Bounds) {
    self.shape = shape
    self.target = target
    self.mends = mends
    self.bounds = bounds
  }

  /// Every step that may come next without a disaster.
  func steps(in world: World) -> [Step] {
    var steps: [Step] = []
    for run in world.runs.indices.reversed() {
      for source in world.runs[run].sources.indices {
        addSourceSteps(world, run, source, to: &steps)
      }
      addStageSteps(world, run, to: &steps)
      addSinkSteps(world, run, to: &steps)
    }
    if world.mayStart {
      steps.append(.start(changesPlan: false))
      if world.budget.planChanges > 0, world.runID > 0 { steps.append(.start(changesPlan: true)) }
    }
    if steps.isEmpty, !world.isComplete, world.budget.giveUps > 0 {
      addGiveUps(world, to: &steps)
    }
    return steps
  }

  /// Takes a step and checks what must hold in every state.
  func take(_ step: Step, in world: inout World, _ tale: inout Tale) throws(Violation) {
    switch step {
    case .start(let changesPlan): try start(&world, changesPlan: changesPlan, &tale)
    case .source(let id, let source, let step):
      if let run = world.runs.firstIndex(where: { $0.id == id }) {
        try takeSource(step, &world, run, source, &tale)
      }
    case .stage(let id, let step):
      if let run = world.runs.firstIndex(where: { $0.id == id }) {
        switch shape {
        case .plain: break
        case .aggregate: try takeAggregate(step, &world, run, &tale)
        case .join: try takeJoin(step, &world, run, &tale)
        }
      }
    case .sink(let id, let step):
      if let run = world.runs.firstIndex(where: { $0.id == id }) {
        try takeSink(step, &world, run, &tale)
      }
    case .kill(let id, let victims):
      if let run = world.runs.firstIndex(where: { $0.id == id }) {
        kill(&world, run, victims: victims, &tale)
      }
    case .powerLoss(let choice): losePower(&world, choice: choice, &tale)
    }
    settle(&world)
    try inspect(&world)
  }

  /// Starts the whole pipeline. What is left of earlier runs goes on beside it.
  private func start(
    _ world: inout World, changesPlan: Bool, _ tale: inout Tale
  ) throws(Violation) {
    world.runID += 1
    if world.runID > startsMax { throw Violation("one start after another fails") }
    world.mayStart = false
    world.isComplete = false
    if changesPlan {
      world.format += 1
      world.budget.planChanges -= 1
    }
    world.runs.append(Run(id: world.runID, format: world.format, shape: shape))
    let id = world.runID
    tale.say("run \(id) is started" + (changesPlan ? ", with another format of the sink" : ""))
  }

  /// More starts than this mean that the checkpoint is beyond help. One start may fail for each
  /// disaster, and one for each source of a disturbed run that wakes up late, takes a lock that is
  /// free at that moment and so makes the live run give way.
  private var startsMax: UInt8 {
    let disasters = bounds.kills + bounds.powerLosses + bounds.stops + bounds.fsyncErrors
    let giveUps = bounds.giveUps
    return 2 + giveUps + disasters * UInt8(1 + shape.sourceCount)
  }

  /// Sends a message. A writer without a reader gets EPIPE and exits: false.
  func send(_ messages: [Message], into pipe: Int, _ run: inout Run) -> Bool {
    if run.pipes[pipe].isReaderGone { return false }
    run.pipes[pipe].messages += messages
    return true
  }

  /// Up to where something may be dropped.
  func trimFloor(_ world: World) -> Ledger {
    let rules: Mends = [.trimsBehindDurableCommits, .trimsByDurableLength]
    guard mends.isSuperset(of: rules) else { return world.disk.floor }
    return world.disk.commits.records.last?.durable ?? Ledger()
  }

  /// The same, by one who relies on it.
  func takeTrimFloor(_ world: inout World) -> Ledger {
    let floor = trimFloor(world)
    if mends.contains(.trimsBehindDurableCommits), !mends.contains(.trimsByDurableLength) {
      world.disk.commits.fsync()
    }
    return floor
  }

  /// Whether the run ids of a header are those on disk.
  func isCurrent(_ header: Header, _ world: World) -> Bool {
    zip(header.runs, world.disk.runs).allSatisfy { $0 == 0 || $0 == $1 }
  }

  /// The header of a run as its stages have it once all its sources have sent theirs.
  func runIDs(_ run: Run) -> [UInt8] { run.sources.map { _ in run.id } }
}
