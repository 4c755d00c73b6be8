import ArgumentParser
import Diagnostics
import Testing
import Toolkit
import stream_query

@Suite("stream-query's command line")
struct ToolTests {
  @Test("tells options that take a value from those that take none")
  func flags() throws {
    let dispatch = try #require(QueryTool.entry.dispatch)
    var flags: Set<String> = []
    for command in QueryTool.configuration.subcommands {
      for line in command.helpMessage(columns: 300).split(separator: "\n") {
        let words = line.split { " ,/".contains($0) }.map(String.init)
        let options = words.prefix { $0.hasPrefix("-") }
        if words.dropFirst(options.count).first?.hasPrefix("<") == true { continue }
        flags.formUnion(options.filter { $0.hasPrefix("--") })
      }
    }
    #expect(flags.union(["--verbose", "--quiet"]) == dispatch.flags)
  }

  @Test("knows its commands")
  func commands() {
    let names = QueryTool.configuration.subcommands.map { $0._commandName }
    #expect(names == QueryTool.entry.dispatch?.kinds)
  }

  @Test(
    "names the command that was meant",
    arguments: [
      (["shwo", "ck"], "no command 'shwo' (did you mean 'show'?)"),
      (["./ck"], "no command './ck'"),
    ])
  func unknown(arguments: [String], expected: String) {
    #expect {
      _ = try QueryTool.entry.dispatch?.arranged(arguments)
    } throws: { error in
      (error as? StreamError)?.message.hasPrefix(expected) ?? false
    }
  }
}
