import Columnar
import Diagnostics
import Operators
import Toolkit
import Wire

/// What the rows of the stream mean to a join: whether they replace each other, whether they end.
struct InputShape {
  private let header: Header
  private let isRefreshed: Bool

  /// - Throws: a usage error when the type of join needs other rows.
  init(_ header: Header, type: JoinType, isRefreshed: Bool) throws {
    self.header = header
    self.isRefreshed = isRefreshed
    guard type.keepsUnmatchedRight else { return }
    try header.refuseChangingRows(for: "a \(type.rawValue) join")
    guard header.shape.isBounded else {
      throw StreamError(
        .usage,
        "a \(type.rawValue) join sends the rows of the table that nothing has matched when the input "
          + "is complete, but of this input it is not known that it ends",
        hint: "stream-source --final")
    }
  }

  private var isUpdate: Bool { header.shape.mode == .update }

  /// Rows replace earlier ones by their keys, so that none may come out twice.
  var isOneToOne: Bool { isUpdate }

  /// A row that replaces one which has come out must come out as well, unless it is known that the
  /// same rows match it.
  func check(_ plan: JoinPlan) throws {
    guard isUpdate, plan.type != .left else { return }
    let type = plan.type.rawValue
    if isRefreshed {
      throw StreamError(
        .usage,
        "rows that change (update mode) may have had a match before the table has changed, and none "
          + "afterwards, which a join of type \(type) cannot take back",
        hint: "--type left")
    }
    let keys = header.shape.keys
    let other = plan.leftColumnsUsed.sorted().map { plan.left.fields[$0].name }.first { name in
      !keys.contains { $0.lowercased() == name.lowercased() }
    }
    guard let other else { return }
    throw StreamError(
      .usage,
      "the rows change (update mode), and whether one has a match depends on '\(other)', which is not "
        + "among their keys: a join of type \(type) could not take back what has matched before",
      hint: "--type left, or use append or complete mode in the stage before")
  }
}
