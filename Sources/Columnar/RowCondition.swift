/// What is true of each row that is wanted, as far as minima and maxima can tell: rows for which it
/// cannot be true may be left unread.
package indirect enum RowCondition: Sendable, Equatable {
  case column(ColumnCondition)
  /// Of every row, where there are none.
  case all([RowCondition])
  /// Of no row, where there are none.
  case any([RowCondition])

  /// True of every row.
  package static let always = RowCondition.all([])

  /// The same with other conditions in the place of those on columns.
  package func replacing(_ replacement: (ColumnCondition) -> RowCondition) -> RowCondition {
    switch self {
    case .column(let condition): replacement(condition)
    case .all(let conditions): .all(conditions.map { $0.replacing(replacement) })
    case .any(let conditions): .any(conditions.map { $0.replacing(replacement) })
    }
  }
}

/// A condition on a column, or on a member of a struct.
package struct ColumnCondition: Sendable, Equatable {
  package enum Comparison: Sendable, CaseIterable {
    case less
    case lessOrEqual
    case equal
    case greaterOrEqual
    case greater
    /// Strings alone.
    case startsWith
    case isNull
    case isNotNull
  }

  /// Names, from the column on.
  package let path: [String]
  package let comparison: Comparison
  /// In the column's own type, but that any integer goes with any other, and any float; a null makes
  /// no comparison true.
  package let value: Value

  package init(_ path: [String], _ comparison: Comparison, _ value: Value = .null) {
    self.path = path
    self.comparison = comparison
    self.value = value
  }
}
