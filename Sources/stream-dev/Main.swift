import ArgumentParser

/// What the project does to itself: house rules, manual pages, completions. Not installed.
@main
struct StreamDev: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream-dev",
    abstract: "Check the project's house rules and write its generated files.",
    subcommands: [TidyCommand.self, ManualCommand.self, CompletionsCommand.self])
}

struct TidyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tidy", abstract: "Check sizes, imports, names and leftovers.")

  func run() throws {
    let findings = try Tidy().findings()
    for finding in findings { print(finding) }
    if !findings.isEmpty { throw ExitCode(1) }
    print("tidy: nothing to complain about")
  }
}
