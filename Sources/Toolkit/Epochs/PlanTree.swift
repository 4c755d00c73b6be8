package import Columnar
internal import Diagnostics
internal import JSONText
package import Wire

/// The plan of a query as people read it: the sink on top, what feeds each stage below it.
package struct PlanTree {
  private let header: Header
  private let schema: Schema

  package init(_ header: Header, _ schema: Schema) {
    self.header = header
    self.schema = schema
  }

  /// Lines, without a newline at the end.
  package var text: String {
    (PlanTree.lines(header.plan) + ["", "rows: \(schema)", "sent: \(delivery)"])
      .joined(separator: "\n")
  }

  /// The stages of a plan: the last one on top, what feeds each below it.
  package static func lines(_ plan: [PlanStage]) -> [String] {
    guard let stage = plan.last else { return [] }
    var lines = ["\(stage.stage): \(stage.commandLine)"]
    let inputs = ([Array(plan.dropLast())] + stage.otherInputs).filter { !$0.isEmpty }
    for (index, input) in inputs.enumerated() {
      let isLast = index == inputs.count - 1
      for (row, line) in self.lines(input).enumerated() {
        let branch = row == 0 ? (isLast ? "└─ " : "├─ ") : (isLast ? "   " : "│  ")
        lines.append(branch + line)
      }
    }
    return lines
  }

  private var delivery: String {
    let shape = header.shape
    let keys = shape.keys.isEmpty ? "" : " by \(shape.keys.joined(separator: ", "))"
    switch shape.mode {
    case .append where shape.isBounded: return "once, when the input is complete\(keys)"
    case .append: return "once they can no longer change\(keys)"
    case .update: return "as they change\(keys)"
    case .complete: return "all of them, each time that one changes\(keys)"
    case nil: return "as they come" + (shape.isBounded ? "; the input ends" : "")
    }
  }
}

extension PlanStage {
  /// The command as it could be typed again.
  ///
  /// Members of ``options`` are options by their long names without dashes, those given in several
  /// words as arrays; `arguments` holds what stands without a name; `true` is an option without a
  /// value.
  package var commandLine: String {
    guard case .object(let members) = options else { return tool }
    var words = [tool]
    for member in members where member.key == "arguments" { words += member.value.words }
    for member in members where member.key != "arguments" {
      switch member.value {
      case .null, .bool(false): continue
      case .bool(true): words.append("--\(member.key)")
      case let value: for word in value.words { words += ["--\(member.key)", word] }
      }
    }
    return words.joined(separator: " ")
  }
}

extension JSON {
  /// The words that a shell needs to be given for this value.
  fileprivate var words: [String] {
    switch self {
    case .null: []
    case .bool(let value): ["\(value)"]
    case .integer(let value): ["\(value)"]
    case .double(let value): ["\(value)"]
    case .string(let text): [shellQuoted(text)]
    case .array(let items): items.flatMap(\.words)
    case .object: []
    }
  }
}
