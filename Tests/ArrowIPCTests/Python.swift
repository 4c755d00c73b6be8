import Foundation
import Testing

/// Runs the scripts of `Tests/Interop`.
enum Python {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// What STREAM_TEST_PYTHON names, the environment that `make test` makes, or the system's.
  private static let interpreter: [String] = {
    if let path = ProcessInfo.processInfo.environment["STREAM_TEST_PYTHON"] { return [path] }
    let local = root.appending(path: ".build/python/bin/python3").path()
    return FileManager.default.isExecutableFile(atPath: local) ? [local] : ["env", "python3"]
  }()

  /// - Returns: what the script prints.
  static func run(_ script: String, _ arguments: String...) throws -> String {
    let process = Process()
    let words = interpreter + [root.appending(path: "Tests/Interop/\(script)").path()] + arguments
    process.executableURL = URL(filePath: words[0] == "env" ? "/usr/bin/env" : words[0])
    process.arguments = Array(words.dropFirst())
    let (output, complaints) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = complaints
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let errors = complaints.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(
      process.terminationStatus == 0,
      "\(script) needs the packages of Tests/requirements.txt: \(String(decoding: errors, as: UTF8.self))"
    )
    return String(decoding: printed, as: UTF8.self)
  }
}

/// A directory that goes away with the test.
final class Scratch {
  private let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func path(_ name: String) -> String { directory.appending(path: name).path() }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: directory.appending(path: name))
    return path(name)
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: directory.appending(path: name)))
  }

  func lines(_ name: String) throws -> [String] {
    String(decoding: try bytes(name), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }
}
