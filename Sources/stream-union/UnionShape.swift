import Diagnostics
import JSONText
import Scalars
import Toolkit
import Wire

/// What the rows of several inputs mean together.
struct UnionShape {
  let shape: Shape

  /// - Throws: a usage error when they have not the same event time or window.
  init(_ inputs: [(name: String, shape: Shape)]) throws {
    var merged = inputs[0].shape
    for (name, shape) in inputs.dropFirst() {
      guard shape.eventTime == merged.eventTime else {
        throw UnionShape.differ(
          "event time", UnionShape.column(merged.eventTime), inputs[0].name,
          UnionShape.column(shape.eventTime), name)
      }
      guard (shape.watermark == nil) == (merged.watermark == nil) else {
        throw UnionShape.differ(
          "watermark", merged.watermark.map(durationText) ?? "none", inputs[0].name,
          shape.watermark.map(durationText) ?? "none", name)
      }
      guard shape.window == merged.window else {
        throw UnionShape.differ(
          "window", merged.window?.text ?? "none", inputs[0].name, shape.window?.text ?? "none",
          name)
      }
      if let watermark = shape.watermark {
        merged.watermark = max(merged.watermark ?? watermark, watermark)
      }
      merged.late = merged.late ?? shape.late
      merged.mode = merged.mode ?? shape.mode
      merged.isBounded = merged.isBounded && shape.isBounded
      merged.endsByItself = merged.endsByItself && shape.endsByItself
    }
    // What tells the rows of one input from each other does not tell them from those of another.
    merged.keys = []
    shape = merged
  }

  private static func column(_ name: String?) -> String { name.map { "'\($0)'" } ?? "none" }

  private static func differ(
    _ what: String, _ first: String, _ firstName: String, _ other: String, _ otherName: String
  ) -> StreamError {
    StreamError(
      .usage, "the \(what) of \(firstName) is \(first), that of \(otherName) is \(other)",
      hint: "use the same stream-window in front of each, or one behind the union")
  }
}
