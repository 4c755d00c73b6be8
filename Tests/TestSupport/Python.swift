import Glibc

/// Runs the scripts of `Tests/Interop`.
package enum Python {
  private struct Failure: Error {
    let text: String
  }

  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast(3).joined(separator: "/")

  /// What STREAM_TEST_PYTHON names, the environment that `make test` makes, or the system's.
  package static let interpreter: String = {
    if let path = unsafe getenv("STREAM_TEST_PYTHON") { return unsafe String(cString: path) }
    let local = "\(root)/.build/python/bin/python3"
    return unsafe access(local, X_OK) == 0 ? local : "python3"
  }()

  /// - Returns: what the script prints.
  package static func run(_ script: String, _ arguments: String...) throws -> String {
    let words = [interpreter, "\(root)/Tests/Interop/\(script)"] + arguments
    let command = words.map { "'\($0)'" }.joined(separator: " ")
    guard let pipe = unsafe popen(command, "r") else { throw Failure(text: "cannot run \(script)") }
    var printed: [UInt8] = []
    while case let byte = unsafe fgetc(pipe), byte != EOF { printed.append(UInt8(byte)) }
    guard unsafe pclose(pipe) == 0 else {
      throw Failure(text: "\(script) failed; it needs the packages of Tests/requirements.txt")
    }
    return String(decoding: printed, as: UTF8.self)
  }
}
