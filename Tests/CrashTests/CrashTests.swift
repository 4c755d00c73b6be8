import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Short runs of the programs in `Tests/Crash`, which kill real pipelines and start them again.
@Suite("Crashes", .serialized)
struct CrashTests {
  @Test(
    "lose nothing and repeat nothing",
    arguments: [
      "points.py --most 40 --double 4", "power.py --count 40", "damage.py --count 5",
      "faults.py --count 2", "prefix.py --count 25", "crash.py --seconds 60",
    ])
  func recovery(command: String) throws {
    let scratch = ScratchDirectory()
    for name in ["output", "errors"] { scratch.write([], to: name) }
    let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Crash")
    var environment = ProcessInfo.processInfo.environment
    environment["STREAM_TOOLS"] = BuiltTools.directory.path
    let child = ChildProcess(
      ["timeout", "--kill-after=5", "600", "python3", "-B"]
        + command.split(separator: " ").map(String.init),
      directory: programs.path, environment: environment, input: "/dev/null",
      output: "\(scratch.path)/output",
      errors: "\(scratch.path)/errors")
    let status = try child.run()
    let told = ["output", "errors"].map { String(decoding: scratch.bytes($0), as: UTF8.self) }
    #expect(status == 0, "\(command): \(told.joined())")
  }
}
