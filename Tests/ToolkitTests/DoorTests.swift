import ArgumentParser
import Diagnostics
import Testing

import Toolkit

private struct Sample: StreamTool {
  static let toolName = "stream-sample"
  static let configuration = CommandConfiguration.tool(
    toolName, abstract: "A tool.", discussion: "Does things.",
    examples: [("count", "stream-sample 'count(*)'")])

  @OptionGroup var common: CommonOptions
  @Option(name: .customLong("where")) var condition: ArgumentText?
  @Option var limit: Int?
  @Argument var items: [ArgumentText]
}

private let sample = ToolEntry("stream-sample", Sample.self)

private func message(_ arguments: [String]) -> String {
  do {
    _ = try sample.parse(arguments)
    return "parsed"
  } catch let error as StreamError {
    return error.rendered(by: "t")
  } catch {
    return "\(error)"
  }
}

@Suite("Command lines")
struct DoorTests {
  @Test(
    "turns the parser's complaints into our shape",
    arguments: [
      (
        ["x", "--wher", "a"],
        "t: error: unknown option '--wher' (did you mean '--where'?)\nt: hint: see 'stream-sample --help'"
      ),
      (
        ["--wher", "a > 1"],
        "t: error: unknown option '--wher' (did you mean '--where'?)\nt: hint: see 'stream-sample --help'"
      ),
      (
        ["--bogus-thing", "x"],
        "t: error: unknown option '--bogus-thing'\nt: hint: see 'stream-sample --help'"
      ),
      (
        [], "t: error: missing expected argument '<items> ...'\nt: hint: see 'stream-sample --help'"
      ),
      (
        ["x", "--where"],
        "t: error: missing value for '--where <where>'\nt: hint: see 'stream-sample --help'"
      ),
      (
        ["x", "--limit", "ten"],
        "t: error: the value 'ten' is invalid for '--limit <limit>'\nt: hint: see 'stream-sample --help'"
      ),
      (
        ["x", "--limit", "-2x"],
        "t: error: the value '-2x' is invalid for '--limit <limit>'\nt: hint: see 'stream-sample --help'"
      ),
      (["x", "-z"], "t: error: unknown option '-z'\nt: hint: see 'stream-sample --help'"),
    ])
  func complaints(arguments: [String], expected: String) {
    #expect(message(arguments) == expected)
  }

  @Test("takes expressions that begin with a dash")
  func dashes() throws {
    let parsed = try sample.parse(
      ["-sum(x)", "--where", "-x > 3", "-v", "n", "-1", "--", "-v"])
    let tool = try #require(parsed as? Sample)
    #expect(tool.items.map(\.text) == ["-sum(x)", "n", "-1", "-v"])
    #expect(tool.condition?.text == "-x > 3")
    #expect(tool.common.verbose == 1)
  }

  @Test("shows an example in the help")
  func help() {
    #expect(
      Sample.helpMessage(columns: 100).contains("Example:\n  count:\n    stream-sample 'count(*)'"))
  }

  @Test(
    "finds the kind behind options",
    arguments: [
      (["file", "a.csv"], ["file", "a.csv"]),
      (["--format", "csv", "file", "out"], ["file", "--format", "csv", "out"]),
      (["--explain", "file", "out"], ["file", "--explain", "out"]),
      (["--format=csv", "-v", "stdout"], ["stdout", "--format=csv", "-v"]),
      (["--format", "file"], ["--format", "file"]),
      (["--", "file"], ["--", "file"]),
      ([], []),
    ])
  func kinds(arguments: [String], expected: [String]) throws {
    let dispatch = KindDispatch(
      tool: "stream-sink", kinds: ["console", "stdout", "file"], flags: ["--explain"])
    #expect(try dispatch.arranged(arguments) == expected)
  }

  @Test("names the kind that was meant")
  func unknownKind() {
    let dispatch = KindDispatch(
      tool: "stream-sink", kinds: ["console", "stdout", "file"], flags: [])
    #expect(
      throws: StreamError(
        .usage, "no sink 'fiel' (did you mean 'file'?); sinks: console, stdout, file")
    ) { try dispatch.arranged(["fiel", "x"]) }
    #expect(
      throws: StreamError(
        .usage, "no sink 'out/x.csv'; sinks: console, stdout, file",
        hint: "name its kind: stream-sink file out/x.csv")
    ) { try dispatch.arranged(["out/x.csv"]) }
  }
}
