package import ArgumentParser
internal import Diagnostics
internal import Glibc
internal import Wire

/// A command of the family: its options are declared, its meaning is checked in a plan, its loop is
/// the toolkit's.
package protocol StreamTool: ParsableCommand {
  /// What messages begin with: `stream-sink`, for all kinds of sinks.
  static var toolName: String { get }

  var common: CommonOptions { get }
}

extension StreamTool {
  /// How this run talks to people.
  package func log() throws -> Log { try common.log(of: Self.toolName) }

  /// The name of the tool within a plan and a stage's id: `sink` for `stream-sink`.
  package static var shortName: String { String(toolName.dropFirst("stream-".count)) }
}

/// Ends the process without a word: another stage has said it, or nobody needs to know.
package struct SilentExit: Error, Equatable {
  package let status: Int32

  package init(status: Int32) { self.status = status }
}

/// The release that `--version` tells.
package let releaseVersion = "0.1.0"

extension CommandConfiguration {
  /// - Parameter examples: pipelines that can be pasted, each under what it does.
  package static func tool(
    _ name: String, kind: String? = nil, abstract: String, discussion: String,
    examples: [(purpose: String, pipeline: String)],
    subcommands: [any ParsableCommand.Type] = [],
    defaultSubcommand: (any ParsableCommand.Type)? = nil
  ) -> CommandConfiguration {
    let shown = examples.map { "  \($0.purpose):\n    \($0.pipeline)" }.joined(separator: "\n")
    let title = examples.count == 1 ? "Example" : "Examples"
    return CommandConfiguration(
      commandName: kind ?? name, abstract: abstract,
      discussion: discussion + (examples.isEmpty ? "" : "\n\n\(title):\n\(shown)"),
      version: "\(name) (stream-tools) \(releaseVersion)", subcommands: subcommands,
      defaultSubcommand: defaultSubcommand)
  }
}

/// One of the names under which the executable is called.
package struct ToolEntry: Sendable {
  package let name: String
  package let command: any ParsableCommand.Type
  /// For commands with kinds.
  package let dispatch: KindDispatch?
  /// Whether a record stream comes out of standard output.
  package let writesStream: Bool

  package init(
    _ name: String, _ command: any ParsableCommand.Type, dispatch: KindDispatch? = nil,
    writesStream: Bool = true
  ) {
    self.name = name
    self.command = command
    self.dispatch = dispatch
    self.writesStream = writesStream
  }

  /// The single door: runs the tool and turns whatever it throws into a message and a status.
  package func run(_ arguments: [String]) -> Never {
    prepareProcess()
    var log = Log(tool: name, format: earlyLogFormat(arguments))
    do {
      let arranged = try dispatch?.arranged(arguments) ?? arguments
      var command = try parse(arranged)
      if let tool = command as? any StreamTool { log = try tool.log() }
      try command.run()
      exit(0)
    } catch let error as ReportedError {
      leave(error.error, log)
    } catch {
      // A request for help, which the parser throws as well.
      if command.exitCode(for: error) == .success { command.exit(withError: error) }
      if writesStream { tellDownstream(error) }
      leave(error, log)
    }
  }

  private func leave(_ error: any Error, _ log: Log) -> Never {
    switch error {
    case let end as SilentExit: exit(end.status)
    case let error as StreamError:
      log.error(error)
      exit(error.kind.rawValue)
    default:
      log.error(StreamError(.internal, "a defect in this program: \(error)"))
      exit(StreamError.Kind.internal.rawValue)
    }
  }

  /// A stage that fails before it has a header: those behind should not report an upstream that
  /// died.
  private func tellDownstream(_ error: any Error) {
    guard isatty(1) == 0, let failure = failureFrame(for: error, stage: name) else { return }
    try? WireWriter(descriptor: 1, compression: .none).write(failure)
  }

  /// The command that the arguments stand for.
  ///
  /// - Throws: `CleanExit` for a request for help, else a usage error.
  package func parse(_ arguments: [String]) throws -> any ParsableCommand {
    do {
      return try command.parseAsRoot(ArgumentText.shielding(arguments))
    } catch {
      if command.exitCode(for: error) == .success {
        throw CleanExit.message(command.fullMessage(for: error))
      }
      throw UsageMessage(error, of: self, arguments: arguments).streamError
    }
  }

  /// Errors in the options themselves should look as the options ask.
  private func earlyLogFormat(_ arguments: [String]) -> Log.Format {
    for (index, argument) in arguments.enumerated() {
      if argument == "--log-format=json" { return .json }
      if argument == "--log-format", arguments[(index + 1)...].first == "json" { return .json }
    }
    return environment("STREAM_LOG").flatMap(Log.Format.init(rawValue:)) ?? .text
  }
}

/// The executable's entry: looks at the name it was called by, or at its first argument.
package enum Multicall {
  package static func run(_ tools: [ToolEntry], arguments: [String]) -> Never {
    let name = arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
    if let tool = tools.first(where: { $0.name == name }) { tool.run(Array(arguments.dropFirst())) }
    let word = arguments.dropFirst().first ?? ""
    if let tool = tools.first(where: { $0.name == word || $0.name == "stream-\(word)" }) {
      tool.run(Array(arguments.dropFirst(2)))
    }
    let words = tools.map { String($0.name.dropFirst("stream-".count)) }
    let usage = "usage: stream-tools \(words.joined(separator: "|")) …"
    if word == "--version" {
      print("stream-tools \(releaseVersion)")
      exit(0)
    }
    if word == "--help" || word == "-h" {
      print(usage)
      exit(0)
    }
    let meant = nearest(to: word, among: words).map { " (did you mean '\($0)'?)" } ?? ""
    Log(tool: "stream-tools").error(
      StreamError(
        .usage, word.isEmpty ? "no tool named" : "no tool '\(word)'\(meant)",
        hint: "tools: \(words.joined(separator: ", "))"))
    exit(StreamError.Kind.usage.rawValue)
  }
}
