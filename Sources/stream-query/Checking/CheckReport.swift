import Diagnostics
import Glibc
package import JSONText
import Toolkit

/// What was looked at, and what is wrong with it.
package struct CheckReport {
  package struct Problem: Equatable {
    /// Below the checkpoint, with a line where there is one.
    package let file: String
    package let message: String
    /// What to do about it.
    package let advice: String
  }

  package private(set) var problems: [Problem] = []
  /// What is worth knowing and no damage.
  package private(set) var notes: [Problem] = []
  package private(set) var fileCount: Int64 = 0
  package private(set) var recordCount: Int64 = 0
  private(set) var byteCount: Int64 = 0
  private let root: String

  /// - Parameter root: is left out of the names of files.
  init(root: String) { self.root = root }

  mutating func count(files: Int64 = 0, records: Int64 = 0, bytes: Int64 = 0) {
    fileCount += files
    recordCount += records
    byteCount = sum([byteCount, bytes])
  }

  mutating func add(_ file: String, _ message: String, _ advice: String) {
    problems.append(Problem(file: relative(file), message: message, advice: advice))
  }

  mutating func add(_ error: StreamError, _ file: String, _ advice: String) {
    let prefix = StreamError.damagePrefix
    let text =
      error.message.hasPrefix(prefix) ? error.message.dropFirst(prefix.count) : error.message[...]
    add(error.location ?? file, String(text), advice)
  }

  mutating func note(_ file: String, _ message: String) {
    notes.append(Problem(file: relative(file), message: message, advice: ""))
  }

  private func relative(_ path: String) -> String {
    path.hasPrefix("\(root)/") ? String(path.dropFirst(root.count + 1)) : path
  }

  // MARK: - Printing

  package var json: JSON {
    func list(_ problems: [Problem]) -> JSON {
      .array(
        problems.map { problem in
          var json: JSON = ["file": .string(problem.file), "message": .string(problem.message)]
          if !problem.advice.isEmpty { json["advice"] = .string(problem.advice) }
          return json
        })
    }
    return [
      "path": .string(root), "ok": .bool(problems.isEmpty), "files": .integer(fileCount),
      "records": .integer(recordCount), "bytes": .integer(byteCount), "problems": list(problems),
      "notes": list(notes),
    ]
  }

  package var lines: [String] {
    var lines = [
      "checked \(counted(fileCount, "file")), \(counted(recordCount, "record")), "
        + "\(shortBytes(byteCount))"
    ]
    lines += notes.map { plain("note: \($0.file): \($0.message)") }
    for problem in problems {
      lines.append(plain("damaged: \(problem.file): \(problem.message)"))
      lines.append(plain("  \(problem.advice)"))
    }
    if problems.isEmpty { lines.append("all is well") }
    return lines
  }
}

/// What a directory entry is, links not followed.
enum EntryKind {
  case missing
  case file(byteCount: Int64)
  case directory
  /// A pipe, a link, a device: reading it might never end.
  case other

  init(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      self = .missing
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file(byteCount: Int64(status.st_size))
    case S_IFDIR: self = .directory
    default: self = .other
    }
  }
}

/// The advice that is given in several places.
enum Advice {
  static let restore =
    "restore the checkpoint from a copy, or begin again with an empty directory"
  static let restoreFile = "restore the file from a copy"
  static let strange = "put it elsewhere: a checkpoint holds files and directories alone"
}
