import Columnar

/// Conversions between types: SQL's CAST in ANSI mode, where a value that does not fit is an
/// error.
enum Cast {
  /// - Parameter annotation: of the source, for text made from intervals.
  /// - Returns: nil when no value of the one type can become one of the other.
  static func kernel(
    from source: DataType, to target: DataType, annotation: TypeAnnotation? = nil
  ) -> Kernel? {
    switch (source, target) {
    case _ where source == target: return Kernel { $0[0].column }
    case (.void, _): return Kernel { Column.nulls($0.type, count: $0.rowCount) }
    case (_, .string): return toText(from: source, annotation)
    case (.string, _): return fromText(to: target)
    case (.boolean, _) where target.isNumeric: return fromBoolean(to: target)
    case (_, .boolean) where source.isNumeric: return toBoolean(from: source)
    case _ where source.isNumeric && target.isNumeric: return number(from: source, to: target)
    case (.array(let from), .array(let to)): return nested(from, to, annotation)
    case (.map(let key, let value), .map(let toKey, let toValue)):
      return nested(
        .mapEntry(key: key, value: value), .mapEntry(key: toKey, value: toValue), annotation)
    case (.structure(let from), .structure(let to)): return members(from, to)
    default: return time(from: source, to: target)
    }
  }

  /// As above, for types that are one here and differ in SQL.
  static func kernel(of node: Node, to target: TypeSyntax) -> Kernel? {
    if node.type == .string, target.type == .timestamp, target.annotation == .zoneless {
      return timestamp(ignoringZones: true)
    }
    if node.annotation == .calendarInterval || target.annotation == .calendarInterval {
      return CalendarIntervals.cast(node, to: target)
    }
    if let kernel = interval(of: node, to: target) { return kernel }
    return kernel(from: node.type, to: target.type, annotation: node.annotation)
  }

  /// What can be done where there is no such cast; nil when there is nothing.
  static func advice(from source: DataType, to target: DataType, _ text: String) -> String? {
    switch (source, target) {
    case (.date, _) where target.isNumeric: "unix_date(\(text)) is the days since 1970"
    case (_, .date) where source.isInteger: "date_from_unix_date(\(text)) takes days since 1970"
    case (_, .date) where source.isNumeric: "cast(cast(\(text) AS timestamp) AS date)"
    case (_, .binary) where source.isInteger: "cast(cast(\(text) AS string) AS binary)"
    default: nil
    }
  }

  // MARK: - Nested types

  /// Lists whose elements change their type.
  private static func nested(
    _ source: DataType, _ target: DataType, _ annotation: TypeAnnotation?
  ) -> Kernel? {
    guard let inner = kernel(from: source, to: target, annotation: annotation) else { return nil }
    return Kernel(canFail: inner.canFail) { arguments in
      let column = arguments[0].column
      let lists = CompactLists(column)
      let elements = try arguments.failures(of: lists) {
        try inner.applied(to: lists.elements, target, arguments)
      }
      return Column(
        arguments.type, .list(offsets: lists.offsets, elements: elements),
        validity: column.validity)
    }
  }

  private static func members(_ source: [Field], _ target: [Field]) -> Kernel? {
    guard source.count == target.count else { return nil }
    var kernels: [Kernel] = []
    for (from, to) in Swift.zip(source, target) {
      guard let kernel = kernel(from: from.type, to: to.type) else { return nil }
      kernels.append(kernel)
    }
    return Kernel(canFail: kernels.contains(where: \.canFail)) { [kernels] arguments in
      let column = arguments[0].column
      // What stands under a null struct must not fail.
      let members = column.members.map { member in
        column.validity.map { valid in
          member.replacing(validity: member.validity.map { $0 & valid } ?? valid)
        } ?? member
      }
      let converted = try members.indices.map { index in
        try kernels[index].applied(to: members[index], target[index].type, arguments)
      }
      return Column(
        arguments.type, .structure(converted, count: column.count), validity: column.validity)
    }
  }
}

extension Kernel {
  /// The kernel on a column of its own.
  func applied(to column: Column, _ type: DataType, _ arguments: Arguments) throws -> Column {
    guard column.count > 0 else { return .empty(type) }
    return try body(
      Arguments(
        vectors: [Vector(column)], type: type, rowCount: column.count,
        isTrying: arguments.isTrying, context: arguments.context))
  }
}

extension Arguments {
  /// Runs `body` over elements of lists: a failure in an element is one of its row.
  func failures<Result>(of lists: CompactLists, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var failure as RowFailure {
      failure.row = lists.row(of: failure.row)
      throw failure
    }
  }
}

extension Reason {
  /// - Parameter text: the value as people write it.
  static func invalidInput(_ text: String, _ type: DataType) -> Reason {
    let shown = text.count > 60 ? "\(text.prefix(60))…" : text
    return Reason(
      "CAST_INVALID_INPUT", "'\(shown)' is not \(phrase(type))",
      hint: "try_cast(… AS \(type)) gives null instead")
  }

  static func castOverflow(_ value: String, _ type: DataType) -> Reason {
    Reason(
      "CAST_OVERFLOW", "\(value) does not fit \(phrase(type))",
      hint: "try_cast(… AS \(type)) gives null instead")
  }
}
