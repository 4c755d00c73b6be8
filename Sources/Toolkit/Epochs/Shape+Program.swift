package import Columnar
package import Wire

extension Shape {
  /// What rows mean that a program has made of those of this shape. That is the program's to say: only
  /// the event time is known, by its name.
  package func behindProgram(writing output: Schema) -> Shape {
    var shape = self
    shape.keys = []
    let time = eventTime.flatMap { output.index(of: $0) }
    if time.map({ output.fields[$0].type }) != .timestamp { shape.eventTime = nil }
    return shape
  }
}
