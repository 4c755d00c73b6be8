import Foundation
import ProcessSupport
import Testing

/// Whole programs in real pipelines, as a person would type them.
///
/// A case is a directory `Cases/TOOL/WHAT-IT-SHOWS` with `cmd`, a bash script, and what it is expected
/// to do: `out` and `err` (absent: nothing), `status` (absent: 0). Its other files are there when the
/// script runs. `in`, if there is one, is its standard input. `make record` writes anew what is
/// expected; a person reads the difference.
@Suite("Commands")
struct CommandTests {
  @Test("does what its case says", arguments: Case.all)
  func runs(sample: Case) throws {
    let result = try sample.run()
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      try sample.record(result)
      return
    }
    #expect(result.out == sample.expected.out)
    #expect(result.err == sample.expected.err)
    #expect(result.status == sample.expected.status)
  }

  @Test("finds its cases")
  func findsCases() {
    #expect(!Case.all.isEmpty)
  }
}

struct Case: CustomTestStringConvertible {
  struct Result: Equatable {
    var out: String
    var err: String
    var status: Int32
  }

  let name: String
  let directory: URL

  var testDescription: String { name }

  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
  private static let reserved: Set<String> = ["cmd", "in", "out", "err", "status"]

  static let all: [Case] = {
    let root = sources.appending(path: "Cases")
    return names(in: root).flatMap { tool in
      names(in: root.appending(path: tool)).map { name in
        Case(name: "\(tool)/\(name)", directory: root.appending(path: tool).appending(path: name))
      }
    }
  }()

  private static func names(in directory: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  var expected: Result {
    Result(
      out: text("out") ?? "", err: text("err") ?? "",
      status: text("status").flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        ?? 0)
  }

  private func text(_ file: String) -> String? {
    (try? Data(contentsOf: directory.appending(path: file))).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  func record(_ result: Result) throws {
    let texts = [
      "out": result.out, "err": result.err,
      "status": result.status == 0 ? "" : "\(result.status)\n",
    ]
    for (file, text) in texts {
      let path = directory.appending(path: file)
      if text.isEmpty {
        try? FileManager.default.removeItem(at: path)
      } else {
        try Data(text.utf8).write(to: path)
      }
    }
  }

  // MARK: - Running

  func run() throws -> Result {
    let files = Case.names(in: directory).filter { !Case.reserved.contains($0) }
    return try Case.run(
      ["bash", directory.appending(path: "cmd").path], seconds: 30,
      files: files.map { directory.appending(path: $0) },
      input: directory.appending(path: "in").path)
  }

  /// Runs a program in a directory of its own.
  ///
  /// - Parameters:
  ///   - files: copied into the directory.
  ///   - input: a file for its standard input; nothing where there is none.
  static func run(
    _ words: [String], seconds: Int, files: [URL] = [], input: String = "",
    environment: [String: String] = [:]
  ) throws -> Result {
    let manager = FileManager.default
    let scratch = manager.temporaryDirectory.appending(path: "stream-case-\(UUID().uuidString)")
    let work = scratch.appending(path: "work")
    try manager.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? manager.removeItem(at: scratch) }
    for file in files {
      try manager.copyItem(at: file, to: work.appending(path: file.lastPathComponent))
    }
    let (out, err) = (scratch.appending(path: "out"), scratch.appending(path: "err"))
    for file in [out, err] { _ = manager.createFile(atPath: file.path, contents: nil) }
    let start = ChildProcess(
      // A pipeline that hangs must not hang the tests.
      ["/usr/bin/timeout", "--kill-after=5", "\(seconds)"] + words,
      directory: work.path, environment: Case.environment.merging(environment) { $1 },
      input: manager.fileExists(atPath: input) ? input : "/dev/null", output: out.path,
      errors: err.path)
    let status = try start.run()
    return Result(
      out: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      err: String(decoding: try Data(contentsOf: err), as: UTF8.self), status: status)
  }

  private static let environment: [String: String] = {
    let own = ProcessInfo.processInfo.environment
    let support = sources.appending(path: "Support").path
    return [
      "PATH": "\(BuiltTools.directory.path):\(support):\(own["PATH"] ?? "/usr/bin:/bin")",
      "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": BuiltTools.directory.path, "TERM": "dumb",
      "PYTHON": own["STREAM_TEST_PYTHON"] ?? "python3",
    ]
  }()
}
