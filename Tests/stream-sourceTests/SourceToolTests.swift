import ArgumentParser
import Testing
import Toolkit
import stream_source

@Suite("stream-source's command line")
struct SourceToolTests {
  @Test("tells options that take a value from those that take none")
  func flags() throws {
    let dispatch = try #require(SourceTool.entry.dispatch)
    var flags: Set<String> = []
    var valued: Set<String> = []
    for command in SourceTool.configuration.subcommands {
      for line in command.helpMessage(columns: 300).split(separator: "\n") {
        let words = line.split { " ,/".contains($0) }.map(String.init)
        let options = words.prefix { $0.hasPrefix("-") }
        let names = options.filter { $0.hasPrefix("--") }
        if words.dropFirst(options.count).first?.hasPrefix("<") == true {
          valued.formUnion(names)
        } else {
          flags.formUnion(names)
        }
      }
    }
    #expect(valued.count > 15)
    #expect(flags == dispatch.flags)
  }

  @Test("knows its kinds")
  func kinds() {
    let names = SourceTool.configuration.subcommands.map { $0._commandName }
    #expect(SourceTool.entry.dispatch?.kinds == names)
  }
}
