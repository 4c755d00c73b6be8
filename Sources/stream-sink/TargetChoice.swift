import Columnar
import Connectors
import Diagnostics
import Glibc
import Toolkit
import Wire

/// What the options of a kind of sink say, checked.
struct TargetChoice {
  /// Which target this is, wherever the tool was started: `file /home/me/out`.
  let identity: String
  /// What no two targets of a sink may share; nil if nothing.
  var exclusive: String?
  /// How the plan records the options.
  let options: PlanOptions
  /// What must not change once something was committed: names as people know them.
  var guards: (Header, Schema) -> [(name: String, text: String?)] = { _, _ in [] }
  let make: (Header, Schema) throws -> any Target
}

/// The targets of a sink: that of its command and those of `--also`.
struct TargetChoices {
  private let choices: [TargetChoice]
  private let also: [String]

  /// - Throws: a usage error when one of the further ones makes no sense, or two are the same.
  init(_ first: TargetChoice, also: [String]) throws {
    self.also = also
    choices = try [first] + also.map(TargetChoices.parse)
    for (index, choice) in choices.enumerated() {
      let others = choices[..<index]
      if others.contains(where: { $0.identity == choice.identity }) {
        throw StreamError(.usage, "--also: \(choice.identity) is a target already")
      }
      if let exclusive = choice.exclusive, others.contains(where: { $0.exclusive == exclusive }) {
        throw StreamError(.usage, "--also: two targets cannot share \(exclusive)")
      }
    }
  }

  private static func parse(_ text: String) throws -> TargetChoice {
    let words = try shellWords(text)
    guard let kind = words.first, SinkTool.kinds.contains(kind) else {
      let meant = words.first.flatMap { nearest(to: $0, among: SinkTool.kinds) }
      throw StreamError(
        .usage,
        "--also: expected a kind of sink in front but found '\(words.first ?? "")'"
          + (meant.map { " (did you mean '\($0)'?)" } ?? "")
          + "; sinks: \(SinkTool.kinds.joined(separator: ", "))",
        hint: "--also 'file out.csv'")
    }
    do {
      guard let command = try SinkTool.entry.parse(words) as? any SinkKind else {
        throw StreamError(.usage, "'\(kind)' is no kind of sink")
      }
      if command.sink.explain || !command.sink.also.isEmpty {
        throw StreamError(.usage, "--explain and --also stand outside of it")
      }
      return try command.choice()
    } catch var error as StreamError {
      error.message = "--also '\(text)': \(error.message)"
      throw error
    }
  }

  var options: PlanOptions { choices[0].options.adding("also", also) }

  /// - Parameter warn: tells people of what goes on but may not be meant.
  func makeSink(
    _ header: Header, _ schema: Schema, warn: @escaping (String) -> Void
  ) throws -> TargetSink {
    var guards = PlanGuards().adding("the target", choices[0].identity)
    for choice in choices {
      for value in choice.guards(header, schema) {
        guards = guards.adding("\(value.name) of \(choice.identity)", value.text)
      }
    }
    let targets = try choices.map { choice in
      (identity: choice.identity, target: try choice.make(header, schema))
    }
    return TargetSink(targets, guards: guards, warn: warn)
  }
}

/// A path that means the same wherever the tool is started.
func absolutePath(_ path: String) -> String {
  var absolute = path
  if !path.hasPrefix("/"), let directory = unsafe getcwd(nil, 0) {
    defer { unsafe free(directory) }
    absolute = unsafe "\(String(cString: directory))/\(path)"
  }
  let parts = absolute.split(separator: "/").filter { $0 != "." }
  return "/" + parts.joined(separator: "/")
}
