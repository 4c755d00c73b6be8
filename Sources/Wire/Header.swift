package import JSONText

/// What a stage knows of the query before the first row: the metadata of the stream's schema.
package struct Header: Sendable, Equatable {
  package var query: QueryIdentity
  /// The stages that the rows have gone through, the source first; each stage appends itself.
  package var plan: [PlanStage]
  /// The ledger record after which this run resumes; nil without a checkpoint or a commit.
  package var resume: JSON?
  package var shape: Shape

  package init(
    query: QueryIdentity = QueryIdentity(), plan: [PlanStage] = [], resume: JSON? = nil,
    shape: Shape = Shape()
  ) {
    self.query = query
    self.plan = plan
    self.resume = resume
    self.shape = shape
  }
}

/// Which query a stream belongs to.
package struct QueryIdentity: Sendable, Equatable {
  /// Survives restarts; nil without a checkpoint.
  package var id: String?
  package var name: String?
  /// The id of this run by the stage id of its source.
  package var runs: [String: String]
  /// The absolute path of the checkpoint directory.
  package var checkpoint: String?

  package init(
    id: String? = nil, name: String? = nil, runs: [String: String] = [:], checkpoint: String? = nil
  ) {
    self.id = id
    self.name = name
    self.runs = runs
    self.checkpoint = checkpoint
  }
}

/// A stage as the plan records it.
package struct PlanStage: Sendable, Equatable {
  /// Such as `main.agg.2`.
  package var stage: String
  /// The command, such as `stream-agg`.
  package var tool: String
  /// An object, in the order in which people should read it.
  package var options: JSON
  /// The stages of a join's other input; empty for all others.
  package var otherInput: [PlanStage]
  /// It must not be put in or left out between two runs on one checkpoint: what it keeps, or what it
  /// declares, makes the rows behind it what they are.
  package var isPinned: Bool

  package init(
    stage: String, tool: String, options: JSON, otherInput: [PlanStage] = [],
    isPinned: Bool = false
  ) {
    self.isPinned = isPinned
    self.stage = stage
    self.tool = tool
    self.options = options
    self.otherInput = otherInput
  }
}

/// What the rows of a stream mean together.
package struct Shape: Sendable, Equatable {
  /// The event-time column.
  package var eventTime: String?
  /// How far rows may be behind the largest event time before them, in µs; nil when no watermark is
  /// declared.
  package var watermark: Int64?
  /// Kind and sizes of the window that the rows were put in.
  package var window: JSON?
  /// What becomes of late rows.
  package var late: String?
  /// How a stateful stage before sends its results; nil when there is none: rows are only added.
  package var mode: OutputMode?
  /// The columns that tell one result row from another.
  package var keys: [String]
  /// It is known from the start that the input ends and that its end is final.
  package var isBounded: Bool
  /// It is known from the start that the input ends by itself in this run; unless it is bounded,
  /// another run may bring more. Not so with `--trigger available-now`, which says that others follow.
  package var endsByItself: Bool

  package init(
    eventTime: String? = nil, watermark: Int64? = nil, window: JSON? = nil, late: String? = nil,
    mode: OutputMode? = nil, keys: [String] = [], isBounded: Bool = false,
    endsByItself: Bool = false
  ) {
    self.eventTime = eventTime
    self.watermark = watermark
    self.window = window
    self.late = late
    self.mode = mode
    self.keys = keys
    self.isBounded = isBounded
    self.endsByItself = endsByItself
  }
}

/// Which rows of a result are sent at the end of an epoch.
package enum OutputMode: String, Sendable, CaseIterable {
  /// Those that can no longer change, once.
  case append
  /// Those that changed.
  case update
  /// All of them.
  case complete
}
