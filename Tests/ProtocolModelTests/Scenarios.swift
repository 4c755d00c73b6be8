import ProtocolModel

/// A pipeline within bounds in which every interleaving is tried.
struct Exploration: Sendable, CustomStringConvertible {
  let title: String
  let model: Model

  init(
    _ title: String, _ shape: Model.Shape, into target: Model.Target, _ bounds: Model.Bounds
  ) {
    self.title = "\(shape) into \(target): \(title)"
    model = Model(shape, into: target, bounds: bounds)
  }

  var description: String { title }

  static let all: [Exploration] = Model.Target.allCases.flatMap { target in
    [
      Exploration(
        "a kill and a power loss that tears lines", .plain, into: target,
        Model.Bounds(
          rows: [2], heartbeats: 1, kills: 1, powerLosses: 1, trims: 1, planChanges: 1,
          hasTears: true)),
      Exploration(
        "two power losses", .plain, into: target,
        Model.Bounds(rows: [3], heartbeats: 1, powerLosses: 2, trims: 1, stops: 1)),
      Exploration(
        "a kill and a power loss", .aggregate, into: target,
        Model.Bounds(
          rows: [2], heartbeats: 1, kills: 1, powerLosses: 1, trims: 1, openEpochs: 1)),
      Exploration(
        "two kills", .aggregate, into: target,
        Model.Bounds(rows: [2], kills: 2, trims: 1, openEpochs: 1)),
      Exploration(
        "two power losses", .aggregate, into: target,
        Model.Bounds(rows: [2], heartbeats: 1, powerLosses: 2, trims: 1)),
      Exploration(
        "a failed fsync and a power loss", .aggregate, into: target,
        Model.Bounds(
          rows: [2], heartbeats: 1, powerLosses: 1, trims: 2, planChanges: 1, fsyncErrors: 1)),
      Exploration(
        "a power loss", .join, into: target,
        Model.Bounds(rows: [1, 1], powerLosses: 1, trims: 1)),
      Exploration(
        "two power losses", .join, into: target,
        Model.Bounds(rows: [1, 1], powerLosses: 2, openEpochs: 1)),
      Exploration(
        "a kill", .join, into: target,
        Model.Bounds(rows: [1, 1], kills: 1, giveUps: 2, openEpochs: 1)),
      Exploration(
        "a stop and a power loss", .join, into: target,
        Model.Bounds(rows: [1, 1], powerLosses: 1, stops: 1, openEpochs: 1)),
    ]
  }

  /// Larger bounds, for walks.
  static let walks: [Exploration] = Model.Shape.allCases.flatMap { shape in
    Model.Target.allCases.map { target in
      Exploration(
        "at random", shape, into: target,
        Model.Bounds(
          rows: shape == .join ? [4, 4] : [7], heartbeats: 3, kills: 3, powerLosses: 3, trims: 3,
          planChanges: 2, stops: 2, giveUps: 24, fsyncErrors: 1, openEpochs: 4, hasTears: true))
    }
  }
}

/// The smallest setting in which a rule is missed.
struct Scenario {
  let shape: Model.Shape
  let target: Model.Target
  let bounds: Model.Bounds
  /// What the violation says.
  let symptom: String

  func model(mends: Mends) -> Model { Model(shape, into: target, mends: mends, bounds: bounds) }

  private init(
    _ shape: Model.Shape, into target: Model.Target, _ bounds: Model.Bounds, _ symptom: String
  ) {
    self.shape = shape
    self.target = target
    self.bounds = bounds
    self.symptom = symptom
  }

  static func revealing(_ mend: Mends) -> Scenario {
    switch mend {
    case .comparesRuns, .waitsForLocks, .comparesBeforeCommit, .plansBeforeComparing:
      staleStage
    case .commitsBeforeRename, .repeatsRenames, .durableAsideNames, .durableTails, .cutsTornTails,
      .rewritesLogs:
      files(mend)
    default: rows(mend)
    }
  }

  private static let twoKills = Model.Bounds(rows: [1], kills: 2, openEpochs: 1)

  /// A stage of an earlier run goes on beside the next one, which dies too: the state of a committed
  /// epoch is gone.
  private static let staleStage = Scenario(
    .aggregate, into: .files, twoKills, "the aggregate has state of version 0, not 1")

  /// A file sink, and a reader who sees what is then taken back.
  private static func files(_ mend: Mends) -> Scenario {
    var bounds = Model.Bounds(rows: [1], powerLosses: 1)
    var symptom = "epoch 0 is committed with source 0 at row 0, and the target shows rows 1"
    switch mend {
    case .commitsBeforeRename: symptom = "after recovery it is gone"
    case .repeatsRenames, .durableAsideNames: symptom = "the target shows no rows"
    case .durableTails: bounds = Model.Bounds(rows: [1], kills: 1, powerLosses: 1)
    case .cutsTornTails:
      bounds = Model.Bounds(rows: [1], powerLosses: 2, hasTears: true)
      symptom = "is damaged in the middle"
    case .rewritesLogs: bounds = Model.Bounds(rows: [1], powerLosses: 1, fsyncErrors: 1)
    default: fatalError("no scenario for \(mend)")
    }
    return Scenario(.plain, into: .files, bounds, symptom)
  }

  /// Rows or state that are lost or doubled.
  private static func rows(_ mend: Mends) -> Scenario {
    switch mend {
    case .heartbeatIntents:
      Scenario(
        .aggregate, into: .database, Model.Bounds(rows: [2], heartbeats: 1, powerLosses: 1),
        "is committed with source 0 at row 1, and the target shows rows 12")
    case .trimsBehindDurableCommits:
      Scenario(
        .aggregate, into: .files, Model.Bounds(rows: [1], powerLosses: 1, trims: 1),
        "the aggregate has state of version 1, not 0")
    case .trimsByDurableLength:
      Scenario(
        .aggregate, into: .files,
        Model.Bounds(rows: [1], powerLosses: 1, trims: 1, fsyncErrors: 1),
        "the aggregate has state of version 1, not 0")
    case .silentInputs:
      Scenario(
        .join, into: .database, Model.Bounds(rows: [1, 1], powerLosses: 1, openEpochs: 1),
        "is committed with source 0 at row 0")
    case .removesNewerVersions:
      Scenario(.aggregate, into: .files, twoKills, "the aggregate resumes from a fold of rows 11")
    case .commitsBehindDurableIntents:
      Scenario(
        .plain, into: .database, Model.Bounds(rows: [2], powerLosses: 1),
        "is committed with source 0 at row 2, and the target shows rows 1")
    case .discardsOpenEpoch:
      Scenario(
        .plain, into: .database, Model.Bounds(rows: [1], kills: 1),
        "epoch 1 is committed with source 0 at row 0, and the target shows rows 1")
    case .recordsTargetLedgerOnReplay:
      Scenario(
        .aggregate, into: .database, Model.Bounds(rows: [1], powerLosses: 2),
        "the aggregate has state of version 0, not 1")
    case .noticesClosedPipe:
      Scenario(
        .plain, into: .files, Model.Bounds(rows: [2], kills: 1),
        "nothing can move on, and the query is not complete")
    case .replaysBeforeStopping:
      Scenario(
        .join, into: .database,
        Model.Bounds(rows: [1, 1], powerLosses: 1, stops: 1, openEpochs: 1),
        "the target shows rows 99 of source 1")
    default: fatalError("no scenario for \(mend)")
    }
  }
}
