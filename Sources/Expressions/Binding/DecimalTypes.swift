import Columnar

/// The types of results of decimal arithmetic: Spark's rules, with loss of scale allowed.
enum DecimalTypes {
  /// Cuts to 38 digits: fraction digits go first, down to six.
  static func adjusted(_ precision: Int, _ scale: Int) -> DataType {
    let most = DataType.maxDecimalPrecision
    guard precision > most else { return .decimal(precision: max(precision, 1), scale: scale) }
    let kept = max(most - (precision - scale), min(scale, 6))
    return .decimal(precision: most, scale: kept)
  }

  static func result(
    _ operation: DecimalArithmetic, _ left: DataType, _ right: DataType
  ) -> DataType {
    guard let (p1, s1) = left.decimalForm, let (p2, s2) = right.decimalForm else { return left }
    let scale = max(s1, s2)
    switch operation {
    case .add, .subtract: return adjusted(max(p1 - s1, p2 - s2) + scale + 1, scale)
    case .multiply: return adjusted(p1 + p2 + 1, s1 + s2)
    case .divide:
      let scale = max(6, s1 + p2 + 1)
      return adjusted(p1 - s1 + s2 + scale, scale)
    case .remainder, .positiveRemainder: return adjusted(min(p1 - s1, p2 - s2) + scale, scale)
    case .wholeQuotient: return .bigint
    }
  }

  /// The decimal that holds the values of both.
  static func wider(_ left: DataType, _ right: DataType) -> DataType? {
    guard let (p1, s1) = left.decimalForm, let (p2, s2) = right.decimalForm else { return nil }
    let scale = max(s1, s2)
    let whole = max(p1 - s1, p2 - s2)
    let most = DataType.maxDecimalPrecision
    guard whole + scale > most else { return .decimal(precision: whole + scale, scale: scale) }
    // Digits before the point are dearer than those behind it.
    return .decimal(precision: most, scale: max(0, most - whole))
  }
}
