package import ArgumentParser
package import Diagnostics
package import Wire

/// The options that every tool has.
package struct CommonOptions: ParsableArguments {
  @Flag(
    name: [.customShort("v"), .customLong("verbose")],
    help: "Say on standard error what was done; repeat for more.")
  package var verbose: Int

  @Flag(
    name: [.customShort("q"), .customLong("quiet")],
    help: "Say nothing on standard error but errors.")
  package var quiet = false

  @Option(
    name: .customLong("name"),
    help: ArgumentHelp("Call the branch that starts with this stage so.", valueName: "name"))
  package var branch: String?

  @Option(
    name: .customLong("compression"),
    help: ArgumentHelp(
      "Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or "
        + "none.",
      valueName: "how"))
  package var compressionText: String?

  @Option(
    name: .customLong("log-format"),
    help: ArgumentHelp("Write messages as text or json.", valueName: "format"))
  package var logFormatText: String?

  package init() {}

  /// The checked value of `--name`.
  package func branchName() throws(StreamError) -> String? {
    guard let branch else { return nil }
    let isPlain = branch.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-")
    }
    guard isPlain, !branch.isEmpty, branch.count <= 64 else {
      throw StreamError(
        .usage, "--name: expected letters, digits, '-' and '_' but found '\(branch)'")
    }
    return branch
  }

  /// `--compression`, else `STREAM_COMPRESSION`, else auto.
  package func compression() throws(StreamError) -> Compression {
    if let compressionText { return try parse(compressionText, from: "--compression") }
    if let text = environment("STREAM_COMPRESSION") {
      return try parse(text, from: "STREAM_COMPRESSION")
    }
    return .auto
  }

  private func parse(_ text: String, from origin: String) throws(StreamError) -> Compression {
    do {
      return try Compression(text)
    } catch var error {
      error.message = "\(origin): \(error.message)"
      throw error
    }
  }

  /// How and how much this tool talks on standard error: options, else `STREAM_LOG`, else text.
  package func log(of tool: String) throws(StreamError) -> Log {
    let origin = logFormatText == nil ? "STREAM_LOG" : "--log-format"
    let text = logFormatText ?? environment("STREAM_LOG") ?? "text"
    guard let format = Log.Format(rawValue: text) else {
      throw StreamError(.usage, "\(origin): expected 'text' or 'json' but found '\(text)'")
    }
    return Log(tool: tool, format: format, verbosity: quiet ? -1 : verbose)
  }
}
