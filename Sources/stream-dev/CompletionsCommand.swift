import ArgumentParser

/// The tools that are installed under a name of their own.
let tools = [
  "stream-source", "stream-map", "stream-window", "stream-agg", "stream-dedup", "stream-state",
  "stream-join", "stream-union", "stream-sql",
  "stream-sink", "stream-query",
]

struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Write the completions for bash, zsh and fish.")

  @Flag(help: "Compare with the files that are there instead of writing them.")
  var check = false

  func run() throws {
    for tool in tools {
      for (shell, path) in [
        ("bash", "completions/\(tool).bash"), ("zsh", "completions/_\(tool)"),
        ("fish", "completions/\(tool).fish"),
      ] {
        let script = try output(of: ".build/bin/\(tool) --generate-completion-script \(shell)")
        try publish(script, at: path, check: check)
      }
    }
  }
}

/// Writes a generated file, or complains that the one that is there is not fresh.
func publish(_ text: String, at path: String, check: Bool) throws {
  guard check else { return try write(text, to: path) }
  let current = try? stream_dev.text(of: path)
  guard current == text else {
    throw FileFailure(description: "\(path) is not fresh: run 'make man completions' and commit it")
  }
}
