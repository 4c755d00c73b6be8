import Foundation
import Testing

/// Short runs of the programs in `Tests/Crash`, which kill real pipelines and start them again.
@Suite("Crashes", .serialized)
struct CrashTests {
  @Test(
    "lose nothing and repeat nothing",
    arguments: [
      ["points.py", "--double", "12"],
      ["power.py", "--count", "40"],
      ["damage.py", "--count", "8"],
      ["faults.py", "--count", "2"],
      ["crash.py", "--seconds", "60"],
    ])
  func recovery(words: [String]) throws {
    let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Crash")
    let process = Process()
    let (own, tools) = (ProcessInfo.processInfo.environment, try tools)
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["python3", "-B", programs.appending(path: words[0]).path] + words.dropFirst()
    process.environment = own.merging(["STREAM_TOOLS": tools.path]) { _, new in new }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
  }

  /// A directory with the links under which the executable is called.
  private var tools: URL {
    get throws {
      let links = FileManager.default.temporaryDirectory.appending(
        path: "stream-crash-links-\(ProcessInfo.processInfo.processIdentifier)")
      try FileManager.default.createDirectory(at: links, withIntermediateDirectories: true)
      let built = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "stream-tools")
      for tool in ["source", "map", "agg", "sink", "query"] {
        try? FileManager.default.createSymbolicLink(
          at: links.appending(path: "stream-\(tool)"), withDestinationURL: built)
      }
      return links
    }
  }
}
