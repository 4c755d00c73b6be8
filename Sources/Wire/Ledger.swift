package import JSONText

/// What a marker carries through the stages at the end of an epoch; each signs it in passing.
package struct Ledger: Sendable, Equatable {
  package var epoch: Int64
  /// The stage that numbers the epochs: the source, or the last stage with several inputs.
  package var by: String
  /// The epoch's processing time in µs, UTC.
  package var time: Int64
  /// The input is complete; the watermark counts as infinite.
  package var isFinal: Bool
  /// The epoch's rows are the whole result, be it empty (complete mode).
  package var replaces: Bool
  /// In µs; nil before the first.
  package var watermark: Int64?
  package var sources: [SourcePart]
  package var stages: [StagePart]

  package init(
    epoch: Int64, by: String, time: Int64, isFinal: Bool = false, replaces: Bool = false,
    watermark: Int64? = nil, sources: [SourcePart] = [], stages: [StagePart] = []
  ) {
    self.epoch = epoch
    self.by = by
    self.time = time
    self.isFinal = isFinal
    self.replaces = replaces
    self.watermark = watermark
    self.sources = sources
    self.stages = stages
  }

  package var stamp: EpochStamp { EpochStamp(number: epoch, time: time) }

  /// The part that a stage has signed, added at the end when there is none.
  package subscript(stage id: String) -> StagePart {
    get { stages.first { $0.id == id } ?? StagePart(id: id) }
    set {
      if let index = stages.firstIndex(where: { $0.id == id }) {
        stages[index] = newValue
      } else {
        stages.append(newValue)
      }
    }
  }
}

/// How far a source has come.
package struct SourcePart: Sendable, Equatable {
  /// The stage id.
  package var id: String
  package var epoch: Int64
  /// Rows of this epoch.
  package var rows: Int64
  /// How long the source has found its input empty in this run, by the monotonic clock: µs.
  package var idle: Int64
  /// Where the epoch ends in the input; left out above 4 KiB.
  package var end: JSON?
  /// What the input holds as far as the source knows, in the form of `end`.
  package var latest: JSON?

  package init(
    id: String, epoch: Int64, rows: Int64 = 0, idle: Int64 = 0, end: JSON? = nil,
    latest: JSON? = nil
  ) {
    self.id = id
    self.epoch = epoch
    self.rows = rows
    self.idle = idle
    self.end = end
    self.latest = latest
  }
}

/// What a stage says of an epoch.
package struct StagePart: Sendable, Equatable {
  /// The stage id.
  package var id: String
  /// Small state, such as a running maximum.
  package var memo: JSON?
  /// The version of its large state.
  package var version: Int64?
  /// In the order in which people should read them.
  package var metrics: [Metric]

  package init(id: String, memo: JSON? = nil, version: Int64? = nil, metrics: [Metric] = []) {
    self.id = id
    self.memo = memo
    self.version = version
    self.metrics = metrics
  }

  package subscript(metric name: String) -> Int64? {
    metrics.first { $0.name == name }?.value
  }
}

/// A named number of a stage: `rowsIn`, `rowsOut`, `stateRows`, `stateBytes`, `lateRows`, `ms`, …
package struct Metric: Sendable, Equatable {
  package var name: String
  package var value: Int64

  package init(_ name: String, _ value: Int64) {
    self.name = name
    self.value = value
  }
}
