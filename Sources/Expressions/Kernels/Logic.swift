import Columnar

/// NOT and the tests that have no null result.
enum Logic {
  static let not = Kernel { arguments in
    let column = arguments[0].column
    return Column(.boolean, .boolean(~column.booleans), validity: column.validity)
  }

  static let isNull = Kernel(propagatesNulls: false) { arguments in
    Column(.boolean, .boolean(nulls(arguments)))
  }

  static let isNotNull = Kernel(propagatesNulls: false) { arguments in
    Column(.boolean, .boolean(~nulls(arguments)))
  }

  static let isTrue = Kernel(propagatesNulls: false) { arguments in
    Column(.boolean, .boolean(arguments[0].trues(count: arguments.rowCount)))
  }

  static let isFalse = Kernel(propagatesNulls: false) { arguments in
    let falses = ~arguments[0].bits(arguments.rowCount)
    return Column(.boolean, .boolean(falses - nulls(arguments)))
  }

  private static func nulls(_ arguments: Arguments) -> Bitmap {
    let count = arguments.rowCount
    return commonValidity(of: [arguments[0]], count: count).map { ~$0 }
      ?? Bitmap(repeating: false, count: count)
  }
}

/// The constants of a long `x IN (…)`.
struct ConstantSet: Sendable {
  private enum Members: Sendable {
    case integers(Set<Int64>)
    case strings(Set<String>)
  }

  private let members: Members
  /// Then a value that is not found is not known to be absent.
  private let hasNull: Bool

  /// nil unless all items are constants of a type that is kept as integers or strings.
  init?(_ items: [Node], _ type: DataType) {
    let constants = items.compactMap(\.constant)
    guard constants.count == items.count else { return nil }
    let known = constants.filter { !$0.isNull(0) }
    hasNull = known.count < constants.count
    switch type {
    case .int, .bigint, .smallint, .tinyint, .date, .timestamp:
      members = .integers(Set(known.map { $0.integer(0) }))
    case .string: members = .strings(Set(known.map { $0.strings.string(0) }))
    default: return nil
    }
  }

  var kernel: Kernel {
    Kernel { arguments in
      let vector = arguments[0]
      return try arguments.makeBooleans { row in
        let isMember: Bool =
          switch members {
          case .integers(let set): set.contains(vector.column.integer(vector.slot(row)))
          case .strings(let set): set.contains(vector.column.strings.string(vector.slot(row)))
          }
        return isMember ? true : hasNull ? nil : false
      }
    }
  }
}
