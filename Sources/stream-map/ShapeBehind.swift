import Columnar
import Expressions
import Operators
import Wire

/// What the rows mean once columns have been chosen: a key, or the event time, is one no longer when
/// its column is gone or holds something else.
struct ShapeBehind {
  private let plan: MapPlan
  private let schema: Schema
  private let replaced: Set<String>

  init(_ plan: MapPlan, _ schema: Schema) throws {
    self.plan = plan
    self.schema = schema
    let computed = plan.with + [plan.explode].compactMap { $0 }
    replaced = Set(computed.map { $0.name.lowercased() })
  }

  func shape(_ before: Shape) -> Shape {
    var shape = before
    if !before.keys.allSatisfy(survives) { shape.keys = [] }
    if let time = before.eventTime, !survives(time) { shape.eventTime = nil }
    return shape
  }

  private func survives(_ name: String) -> Bool {
    guard let index = schema.index(of: name), !replaced.contains(name.lowercased()) else {
      return false
    }
    if plan.drop.contains(where: { schema.index(of: $0) == index }) { return false }
    guard let select = plan.select else { return true }
    return select.contains { expression in
      if case .star(of: nil, let except) = expression.syntax.kind {
        return !except.contains { schema.index(of: $0) == index }
      }
      guard let bound = try? expression.bind(to: schema) else { return false }
      return bound.columnIndex == index && bound.name == schema.fields[index].name
    }
  }
}
