package import Columnar
package import JSONText
package import Operators
package import Wire

/// What a tool makes of its options once it knows what comes in.
package struct StagePlan {
  package var operation: any Operator
  /// What the rows mean behind this stage.
  package var shape: Shape
  /// How the plan records the stage: see ``PlanStage/commandLine``.
  package var options: JSON
  /// What must not change between two runs on one checkpoint.
  package var guards: PlanGuards
  /// See ``PlanStage``.
  package var isPinned: Bool
  /// For a stage that keeps files of its own, or takes its time to begin: called once behind the
  /// header, with its place in the checkpoint, if there is one. What comes meanwhile is taken in.
  package var opening: ((StagePlace?) throws -> Void)?

  package init(
    _ operation: any Operator, shape: Shape, options: JSON, guards: PlanGuards = PlanGuards()
  ) {
    self.operation = operation
    self.shape = shape
    self.options = options
    self.guards = guards
    isPinned = operation is any StatefulOperator
  }
}

/// An operator that can often tell what becomes of rows without decoding all of them.
package protocol FrameOperator: Operator {
  /// Whether all rows of a frame go on as they are. If so they have been dealt with, and `process`
  /// is not called; else nothing has happened yet.
  ///
  /// - Parameter column: decodes a column of the frame.
  mutating func passes(rowCount: Int, column: (Int) throws -> Column) throws -> Bool
}
