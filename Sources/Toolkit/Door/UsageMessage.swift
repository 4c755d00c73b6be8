internal import ArgumentParser
internal import Diagnostics

/// The parser's complaint about a command line, in the shape that all our errors have.
struct UsageMessage {
  let streamError: StreamError

  init(_ error: any Error, of tool: ToolEntry, arguments: [String]) {
    let command = UsageMessage.chosenCommand(tool.command, arguments)
    let path = command == tool.command ? tool.name : "\(tool.name) \(command._commandName)"
    if let unknown = UsageMessage.unknownOption(arguments, command) {
      streamError = unknown.hint == nil ? unknown.with(hint: "see '\(path) --help'") : unknown
      return
    }
    streamError = StreamError(
      .usage, UsageMessage.oneLine(tool.command.message(for: error)), hint: "see '\(path) --help'")
  }

  /// The subcommand that the arguments were parsed for.
  private static func chosenCommand(
    _ root: any ParsableCommand.Type, _ arguments: [String]
  ) -> any ParsableCommand.Type {
    let named = root.configuration.subcommands.first { $0._commandName == arguments.first }
    return named ?? root.configuration.defaultSubcommand ?? root
  }

  /// A misspelt option. The parser would rather complain of an argument that is missing because the
  /// option in front of it was not understood.
  private static func unknownOption(
    _ arguments: [String], _ command: any ParsableCommand.Type
  ) -> StreamError? {
    let known = knownOptions(command)
    for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
      let name = String(argument.prefix { $0 != "=" })
      guard !known.contains(name), !name.contains(" ") else { continue }
      let word = String(name.dropFirst(2))
      let meant = nearest(to: word, among: known.map { String($0.dropFirst(2)) }.sorted())
        .map { " (did you mean '--\($0)'?)" }
      return StreamError(.usage, "unknown option '\(name)'\(meant ?? "")")
    }
    return nil
  }

  /// Long options with their dashes, read off the lines of the help screen that begin with one.
  static func knownOptions(_ command: any ParsableCommand.Type) -> Set<String> {
    var known: Set<String> = [
      "--generate-completion-script", "--experimental-dump-help", "--help-hidden",
    ]
    for line in command.helpMessage(includeHidden: true, columns: 200).split(separator: "\n")
    where line.drop(while: { $0 == " " }).hasPrefix("-") {
      let words = line.split { !($0.isLetter || $0.isNumber || $0 == "-") }
      for word in words where word.hasPrefix("--") && word.count > 2 { known.insert(String(word)) }
    }
    return known
  }

  /// `Unknown option '--x'. Did you mean '--y'?` → `unknown option '--x' (did you mean '--y'?)`
  static func oneLine(_ message: String) -> String {
    var text = ArgumentText.unshielding(message)
    if let range = text.firstRange(of: ". Did you mean "), text.hasSuffix("?") {
      text.replaceSubrange(range, with: " (did you mean ")
      text += ")"
    }
    text = text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "; ")
    if text.hasSuffix(".") { text.removeLast() }
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}

extension StreamError {
  func with(hint: String) -> StreamError {
    var error = self
    error.hint = hint
    return error
  }
}
