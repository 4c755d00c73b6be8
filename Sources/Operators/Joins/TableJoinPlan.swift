package import Columnar
import Diagnostics
package import Expressions

/// Which rows come out of a join.
package enum JoinType: String, Sendable, CaseIterable {
  /// Pairs.
  case inner
  /// Pairs, and the rows of the left side that have none, beside nulls.
  case left
  /// Pairs, and at the end the rows of the right side that have none, beside nulls.
  case right
  /// Pairs, and the rows of both sides that have none.
  case full
  /// The rows of the left side that have a match, once, as they are.
  case semi
  /// The rows of the left side that have none.
  case anti

  package var keepsUnmatchedLeft: Bool { self == .left || self == .full }

  package var keepsUnmatchedRight: Bool { self == .right || self == .full }

  /// Whether columns of the right side come out.
  package var showsRight: Bool { self != .semi && self != .anti }
}

/// How rows of a stream are joined with those of a table: the left side and the right one.
package struct TableJoinPlan: Sendable {
  package let type: JoinType
  package let condition: JoinCondition
  package let left: Schema
  package let right: Schema
  package let output: Schema
  /// The columns of the table that come out, behind all those of the stream.
  package let shown: [Int]
  /// A row of the stream must not come out twice: it replaces an earlier one by its key.
  package var isOneToOne = false

  /// - Parameters:
  ///   - prefix: what a column of the table is called by, if the stream has one of its name; nil: it
  ///     gets `_right` behind its name.
  /// - Throws: `StreamError` of kind usage when two columns would have one name.
  package init(
    _ type: JoinType, on condition: JoinCondition, left: Schema, right: Schema,
    prefix: String? = nil
  ) throws {
    self.type = type
    self.condition = condition
    self.left = left
    self.right = right
    guard type.showsRight else {
      (output, shown) = (left, [])
      return
    }
    let shared = Set(condition.shared.map(\.right))
    shown = right.fields.indices.filter { !shared.contains($0) }
    output = Schema(
      try left.fields + TableJoinPlan.named(shown.map { right.fields[$0] }, beside: left, prefix))
    if type.keepsUnmatchedRight { try refuseMixedTypes() }
  }

  private static func named(
    _ fields: [Field], beside left: Schema, _ prefix: String?
  ) throws -> [Field] {
    let taken = Set(left.names.map { $0.lowercased() })
    let named = fields.map { field in
      guard taken.contains(field.name.lowercased()) else { return field }
      return Field(prefix.map { $0 + field.name } ?? "\(field.name)_right", field.type)
    }
    var names = taken
    for field in named where !names.insert(field.name.lowercased()).inserted {
      throw StreamError(
        .usage, "two columns behind the join would be called '\(field.name)'",
        hint: "--prefix-right \(prefix == "table_" ? "r_" : "table_")")
    }
    return named
  }

  /// A column that both sides have holds values of either.
  private func refuseMixedTypes() throws {
    for column in condition.shared {
      let (one, other) = (left.fields[column.left], right.fields[column.right])
      guard one.type != other.type else { continue }
      throw StreamError(
        .usage,
        "'\(one.name)' is of type \(one.type) on the left side and of type \(other.type) on the right one, "
          + "so it cannot be one column of a \(type.rawValue) join",
        hint: "--on 'l.\(one.name) = r.\(other.name)'")
    }
  }

  /// What a column of the right side is called behind the join; nil when it does not come out.
  package func outputName(ofRight name: String) -> String? {
    guard let index = right.index(of: name) else { return nil }
    if let column = condition.shared.first(where: { $0.right == index }) {
      return left.fields[column.left].name
    }
    return shown.firstIndex(of: index).map { output.fields[left.fields.count + $0].name }
  }

  /// The columns of the table that are needed at all.
  package var rightColumnsUsed: Set<Int> {
    condition.equalities.reduce(rightColumnsLookedUp) { $0.union($1.right.columnsUsed) }
  }

  /// Those that are needed once it is known which rows have equal keys.
  var rightColumnsLookedUp: Set<Int> {
    var used = Set(shown)
    let residual = condition.residual?.columnsUsed ?? []
    used.formUnion(residual.filter { $0 >= left.fields.count }.map { $0 - left.fields.count })
    if type.keepsUnmatchedRight { used.formUnion(condition.shared.map(\.right)) }
    return used
  }

  /// The columns of the stream that decide about matches.
  package var leftColumnsUsed: Set<Int> {
    var used = (condition.residual?.columnsUsed ?? []).filter { $0 < left.fields.count }
    for equality in condition.equalities { used.formUnion(equality.left.columnsUsed) }
    return used
  }
}
