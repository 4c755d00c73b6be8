import Foundation
import TestSupport
import Testing

/// The benchmarks with inputs of 20 MB: that they run, and that the other programs
/// find what ours do, which the benchmarks compare themselves.
@Suite("Benchmarks")
struct BenchTests {
  @Test("run, and find what other programs find", .timeLimit(.minutes(10)))
  func run() throws {
    let scratch = ScratchDirectory()
    let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Bench").path
    let data = try Case.run(
      [Python.interpreter, "-B", "\(programs)/data.py", "--scale", "0.005", "--out", scratch.path],
      seconds: 60)
    #expect(data.status == 0, "\(data.err)")
    let bench = try Case.run(
      [
        Python.interpreter, "-B", "\(programs)/bench.py", "--data", scratch.path, "--runs", "1",
        "--short",
        "--no-shell",
      ], seconds: 400)
    #expect(bench.status == 0, "\(bench.out)\(bench.err)")
    #expect(bench.out.contains("latency of a filter"))
    let durable = try Case.run(
      [
        Python.interpreter, "-B", "\(programs)/durable.py", "--data", scratch.path, "--runs", "1",
        "throughput", "delay",
      ], seconds: 60)
    #expect(durable.status == 0, "\(durable.out)\(durable.err)")
  }
}
