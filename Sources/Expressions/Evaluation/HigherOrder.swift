import Columnar

/// A function of arrays (or maps) and of a lambda that is applied to their elements.
struct HigherOrderCall: Sendable {
  let function: HigherOrderFunction
  /// Arrays, or maps, and perhaps further values.
  let arguments: [Node]
  /// Over the columns of the frame, then the variables of the lambda.
  let body: Node
  /// How many variables the lambda has.
  let parameterCount: Int

  func evaluate(_ type: DataType, in frame: Frame) throws -> Vector {
    Vector(.empty(type))
  }
}

struct HigherOrderFunction: Sendable {
  let canFail: Bool
}
