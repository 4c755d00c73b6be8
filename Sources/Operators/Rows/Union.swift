package import Columnar
import Diagnostics
import Expressions

/// The rows of several inputs, in the columns of the first one.
package struct Union: MergingOperator {
  package let output: Schema
  private let inputs: [Arrangement]

  /// How an input's columns become those of the output.
  private enum Arrangement {
    case asIs
    case columns([Source])
  }

  private enum Source {
    case column(Int)
    case widened(BoundExpression)
  }

  /// - Parameter inputs: the columns of each; the names are for errors.
  /// - Throws: a usage error for columns that are missing somewhere, or whose types do not go
  ///   together.
  package init(_ inputs: [(name: String, schema: Schema)]) throws {
    let places = try inputs.map { try Union.places(of: inputs[0], in: $0) }
    var fields = inputs[0].schema.fields
    for (input, places) in zip(inputs, places) {
      for index in fields.indices {
        let other = input.schema.fields[places[index]]
        guard let type = Union.widened(fields[index].type, other.type) else {
          throw Union.typesDiffer(inputs[0].schema.fields[index], inputs[0].name, other, input.name)
        }
        fields[index].type = type
      }
    }
    let output = Schema(fields)
    self.output = output
    self.inputs = try zip(inputs, places).map { input, places in
      if input.schema == output { return .asIs }
      return .columns(
        try places.enumerated().map { index, place in
          try Union.source(place, of: input.schema, as: output.fields[index].type)
        })
    }
  }

  /// Where the columns of the first input are in another.
  private static func places(
    of first: (name: String, schema: Schema), in other: (name: String, schema: Schema)
  ) throws -> [Int] {
    let places = try first.schema.fields.map { field in
      guard let place = other.schema.index(of: field.name) else {
        throw StreamError(
          .usage, "\(other.name) has no column '\(field.name)', which \(first.name) has",
          hint: "stream-map --with 'CAST(NULL AS \(field.type)) AS \(quotedName(field.name))'")
      }
      return place
    }
    let used = Set(places)
    if let extra = other.schema.fields.indices.first(where: { !used.contains($0) }) {
      let name = other.schema.fields[extra].name
      throw StreamError(
        .usage, "\(other.name) has a column '\(name)', which \(first.name) does not have",
        hint: "stream-map --drop \(quotedName(name))")
    }
    guard used.count == places.count else {
      throw StreamError(
        .usage, "the columns of \(first.name) and \(other.name) have not the same names",
        hint: "stream-map --select '…' in front of one of them")
    }
    return places
  }

  private static func source(_ place: Int, of schema: Schema, as type: DataType) throws -> Source {
    let field = schema.fields[place]
    if field.type == type { return .column(place) }
    let cast = try Expression.parse("CAST(\(quotedName(field.name)) AS \(type))")
    return .widened(try cast.bind(to: schema))
  }

  /// The type that holds all values of both, as they are.
  private static func widened(_ left: DataType, _ right: DataType) -> DataType? {
    if left == right { return left }
    let isSafe =
      left == .void || right == .void || (left.isInteger && right.isInteger)
      || (left.isFloatingPoint && right.isFloatingPoint) || (left.isDecimal && right.isDecimal)
    guard isSafe, let type = DataType.common(left, right) else { return nil }
    return type.hasScale(of: left) && type.hasScale(of: right) ? type : nil
  }

  private static func typesDiffer(
    _ first: Field, _ firstName: String, _ other: Field, _ otherName: String
  ) -> StreamError {
    let name = quotedName(first.name)
    return StreamError(
      .usage,
      "column '\(first.name)' is \(first.type) in \(firstName) but \(other.type) in \(otherName)",
      hint: "stream-map --with 'CAST(\(name) AS \(first.type)) AS \(name)'")
  }

  /// As an expression names the column.
  private static func quotedName(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || $0 == 0x5F
    }
    if isPlain, let first = name.utf8.first, !(0x30...0x39).contains(first) { return name }
    let doubled = name.split(separator: "`", omittingEmptySubsequences: false)
      .joined(separator: "``")
    return "`\(doubled)`"
  }

  package func passes(input: Int) -> Bool {
    if case .asIs = inputs[input] { true } else { false }
  }

  package func process(
    _ batch: Batch, _ change: Change, ofInput input: Int, in epoch: Epoch,
    emit: (Batch, Change) throws -> Void
  ) throws {
    guard case .columns(let sources) = inputs[input] else { return try emit(batch, change) }
    let columns = try sources.map { source in
      switch source {
      case .column(let index): batch.columns[index]
      case .widened(let expression):
        try expression.evaluate(over: batch, context: EvaluationContext(now: epoch.time))
      }
    }
    try emit(Batch(schema: output, columns: columns, rowCount: batch.rowCount), change)
  }

  package func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    EpochOutcome()
  }
}

extension DataType {
  /// Whether a decimal has as many digits behind the point as another one: where there are too many
  /// in all, some are rounded away.
  fileprivate func hasScale(of other: DataType) -> Bool {
    guard case .decimal(_, let scale) = self, case .decimal(_, let otherScale) = other else {
      return true
    }
    return scale >= otherScale
  }
}
