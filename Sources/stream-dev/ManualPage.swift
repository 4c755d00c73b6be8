import JSONText

/// A manual page of section 1: names, synopsis and options from the tool's own definition, the rest
/// written by hand.
struct ManualPage {
  let tool: String
  let command: JSON

  /// - Parameter dump: what the tool prints for `--experimental-dump-help`.
  init(tool: String, dump: JSON) throws {
    guard let command = dump["command"] else {
      throw FileFailure(description: "\(tool): its description has no command")
    }
    self.tool = tool
    self.command = command
  }

  /// - Parameter sections: mdoc text for EXAMPLES and what else no definition can say.
  func rendered(sections: String) -> String {
    var lines = [
      ".\\\" Made from the tool's own definition by 'make man'.",
      ".Dd 2026", ".Dt \(tool.uppercased()) 1", ".Os stream-tools",
      ".Sh NAME", ".Nm \(tool)",
      ".Nd \(escaped(lowercasedFirst(command["abstract"]?.string ?? "")))",
      ".Sh SYNOPSIS",
    ]
    lines += synopsis(of: command, name: tool)
    if let discussion = command["discussion"]?.string {
      lines += [".Sh DESCRIPTION"] + paragraphs(withoutExamples(discussion))
    }
    lines += [".Sh OPTIONS"] + options(of: command)
    for subcommand in subcommands(of: command) {
      let name = subcommand["commandName"]?.string ?? ""
      lines += [".Ss \(tool) \(name)", escaped(subcommand["abstract"]?.string ?? "")]
      let discussion = withoutExamples(subcommand["discussion"]?.string ?? "")
      if !discussion.isEmpty { lines += [".Pp"] + paragraphs(discussion) }
      lines += options(of: subcommand)
    }
    return lines.joined(separator: "\n") + "\n" + sections
  }

  private var subcommandNoun: String { tool == "stream-query" ? "command" : "kind" }

  private func subcommands(of command: JSON) -> [JSON] {
    (command["subcommands"]?.array ?? []).filter { $0["commandName"]?.string != "help" }
  }

  private func arguments(of command: JSON) -> [JSON] {
    (command["arguments"]?.array ?? []).filter { $0["shouldDisplay"]?.bool == true }
  }

  private func synopsis(of command: JSON, name: String) -> [String] {
    var lines = [".Nm \(name)"]
    if !subcommands(of: command).isEmpty { lines.append(".Op Ar \(subcommandNoun)") }
    for argument in arguments(of: command) where argument["kind"]?.string == "positional" {
      let value = argument["valueName"]?.string ?? ""
      let many = argument["isRepeating"]?.bool == true ? " ..." : ""
      let isOptional = argument["isOptional"]?.bool == true
      lines.append(isOptional ? ".Op Ar \(escaped(value))\(many)" : ".Ar \(escaped(value))\(many)")
    }
    return lines + [".Op Ar options"]
  }

  private func options(of command: JSON) -> [String] {
    var lines = [".Bl -tag -width indent"]
    for argument in arguments(of: command) {
      lines.append(".It " + label(of: argument))
      var text = argument["abstract"]?.string ?? ""
      if let value = argument["defaultValue"]?.string, !text.contains("default") {
        text += text.isEmpty ? "default: \(value)" : " (default: \(value))"
      }
      lines.append(escaped(text))
      if let discussion = argument["discussion"]?.string { lines += paragraphs(discussion) }
    }
    return lines + [".El"]
  }

  private func label(of argument: JSON) -> String {
    let value = escaped(argument["valueName"]?.string ?? "")
    if argument["kind"]?.string == "positional" { return "Ar \(value)" }
    let names = (argument["names"]?.array ?? []).compactMap { name -> String? in
      let text = name["name"]?.string ?? ""
      return switch name["kind"]?.string {
      case "long": "Fl -\(text)"
      case "short", "longWithSingleDash": "Fl \(text)"
      default: nil
      }
    }
    let isOption = argument["kind"]?.string == "option"
    return names.joined(separator: " , ") + (isOption ? " Ar \(value)" : "")
  }

  private func paragraphs(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.isEmpty { return ".Pp" }
      return line.hasPrefix("  ") ? ".Dl \(escaped(line.drop { $0 == " " }))" : escaped(line)
    }
  }

  /// The page has an EXAMPLES section of its own.
  private func withoutExamples(_ discussion: String) -> String {
    let lines = discussion.split(separator: "\n", omittingEmptySubsequences: false)
    let end = lines.firstIndex { $0 == "Examples:" || $0 == "Example:" } ?? lines.endIndex
    return lines[..<end].reversed().drop { $0.isEmpty }.reversed().joined(separator: "\n")
  }

  /// As `.Nd` wants it: in lower case, without a full stop.
  private func lowercasedFirst(_ text: String) -> String {
    guard let first = text.first else { return text }
    let rest = text.dropFirst()
    return first.lowercased() + (rest.hasSuffix(".") ? rest.dropLast() : rest)
  }

  /// Backslashes are roff's escapes, a point or an apostrophe at the start of a line its commands,
  /// double quotes its arguments.
  private func escaped(_ text: some StringProtocol) -> String {
    let plain = text.map { character in
      switch character {
      case "\\": "\\e"
      case "\"": "\\(dq"
      default: String(character)
      }
    }.joined()
    let isCommand = plain.hasPrefix(".") || plain.hasPrefix("'")
    return isCommand ? "\\&" + plain : plain
  }
}
