package import Diagnostics
internal import Glibc

/// Finds the word of the command line that names a kind of source or sink, such as `file`.
///
/// It may stand behind options, which the parser's own subcommands do not allow, and it may name a
/// program of somebody else's.
package struct KindDispatch: Sendable {
  /// `stream-source` or `stream-sink`.
  package let tool: String
  /// Those that are built in, in the order in which an error lists them.
  package let kinds: [String]
  /// Long options (with their dashes) that take no value: the word behind any other is its value.
  package let flags: Set<String>

  package init(tool: String, kinds: [String], flags: Set<String>) {
    self.tool = tool
    self.kinds = kinds
    self.flags = flags.union(["--verbose", "--quiet", "--help", "--version"])
  }

  /// The arguments with the kind in front; as they are when they name none.
  ///
  /// A kind that is not built in becomes the program `TOOL-KIND`, found beside our own or on `PATH`;
  /// then this never returns.
  ///
  /// - Throws: a usage error with the nearest kind when there is no such program.
  package func arranged(_ arguments: [String]) throws(StreamError) -> [String] {
    guard let place = kindPlace(in: arguments) else { return arguments }
    let kind = arguments[place]
    var rest = arguments
    rest.remove(at: place)
    if kinds.contains(kind) || kind == "help" { return [kind] + rest }
    if isProgramName(kind) { replaceProcess(with: "\(tool)-\(kind)", arguments: rest) }
    throw unknown(kind)
  }

  func kindPlace(in arguments: [String]) -> Int? {
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return nil }
      if argument.hasPrefix("-"), argument != "-" { continue }
      if index == 0 || !takesValue(arguments[index - 1]) { return index }
    }
    return nil
  }

  private func takesValue(_ option: String) -> Bool {
    option.hasPrefix("--") && !option.contains("=") && !flags.contains(option)
  }

  private func isProgramName(_ kind: String) -> Bool {
    !kind.isEmpty
      && kind.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  private func unknown(_ kind: String) -> StreamError {
    let noun =
      switch tool {
      case "stream-source": "source"
      case "stream-sink": "sink"
      default: "command"
      }
    let meant = nearest(to: kind, among: kinds).map { " (did you mean '\($0)'?)" } ?? ""
    let isPath = kind.contains("/") || kind.contains(".")
    let pathKind = noun == "command" ? "show" : "file"
    return StreamError(
      .usage, "no \(noun) '\(kind)'\(meant); \(noun)s: \(kinds.joined(separator: ", "))",
      hint: isPath
        ? "name its \(noun == "command" ? noun : "kind"): \(tool) \(pathKind) \(kind)" : nil)
  }
}

/// Runs another program in place of this one, looked for beside our own, then on `PATH`. Returns
/// only when there is none.
private func replaceProcess(with program: String, arguments: [String]) {
  var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
  if let own = ownExecutable() {
    let directory = own.lastIndex(of: "/").map { own[...$0] } ?? ""
    unsafe execv(directory + program, &words)
  }
  unsafe execvp(program, &words)
  for index in unsafe words.indices { unsafe free(words[index]) }
}
