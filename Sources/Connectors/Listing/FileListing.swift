package import Diagnostics
internal import Glibc
package import SystemPackage

/// Turns the paths of a command line into the files to read.
package struct FileListing {
  private var found: [InputFile] = []
  private var seen: Set<FilePath> = []
  /// What was named again, directly or by a pattern: each is read once.
  package private(set) var repeated: [FilePath] = []
  private let seenBefore: SeenFiles?
  private let allowsNothing: Bool

  /// Finds the files that the paths name.
  ///
  /// A path is a file, a directory (its files, but neither those of its directories nor those whose
  /// names begin with `.` or `_`) or a pattern. One that is there under its exact name is no
  /// pattern.
  ///
  /// - Parameters:
  ///   - seen: files that are passed over, without a look at them.
  ///   - allowsNothing: what a path names may come later.
  /// - Throws: a usage error for a path that names nothing or cannot be read.
  package init(
    _ paths: [String], without seen: SeenFiles? = nil, allowsNothing: Bool = false
  ) throws(StreamError) {
    seenBefore = seen
    self.allowsNothing = allowsNothing
    for path in paths { try add(path) }
  }

  /// In the order in which they are read: by modification time, then by name.
  package var files: [InputFile] { found.sorted(by: InputFile.isRead(_:before:)) }

  private mutating func add(_ text: String) throws(StreamError) {
    let path = FilePath(text)
    if wasSeen(path) { return }
    let status: Stat
    do throws(Errno) {
      status = try Stat(path)
    } catch .noSuchFileOrDirectory {
      if let pattern = PathPattern(text) { return try add(pattern) }
      if allowsNothing { return }
      throw .missing(path)
    } catch {
      throw .unreadable(path, error)
    }
    if status.type == .directory {
      try addContents(of: path)
    } else {
      try addFile(path, status)
    }
  }

  private mutating func add(_ pattern: PathPattern) throws(StreamError) {
    try pattern.refuseRecursion()
    let paths: [FilePath]
    do throws(Errno) {
      paths = try pattern.matches()
    } catch {
      throw .unreadable(FilePath(pattern.text), error)
    }
    let countBefore = found.count + repeated.count
    for path in paths where !wasSeen(path) {
      guard let status = try? Stat(path) else {
        if allowsNothing { continue }
        throw .missing(path)
      }
      if status.type == .directory {
        _ = try addEntries(of: path)
      } else {
        try addFile(path, status)
      }
    }
    guard allowsNothing || found.count + repeated.count > countBefore else {
      throw StreamError(.usage, "no file matches '\(pattern.text)'")
    }
  }

  private mutating func addContents(of path: FilePath) throws(StreamError) {
    let skipped = try addEntries(of: path)
    if let skipped, !allowsNothing { throw .emptyDirectory(path, skipped) }
  }

  /// - Returns: what was passed over, when there was no file at all.
  private mutating func addEntries(of path: FilePath) throws(StreamError) -> SkippedEntries? {
    let directory: Directory
    do throws(Errno) {
      directory = try Directory(at: path)
    } catch {
      throw .unreadable(path, error)
    }
    var skipped = SkippedEntries(hidden: directory.hiddenCount, directories: 0)
    var isEmpty = true
    for entry in directory.entries where !wasSeen(entry) {
      guard let status = try? Stat(entry) else {
        if allowsNothing { continue }
        throw .missing(entry)
      }
      if status.type == .regular {
        try addFile(entry, status)
        isEmpty = false
      } else if status.type == .directory {
        skipped.directories += 1
      }
    }
    return isEmpty ? skipped : nil
  }

  private func wasSeen(_ path: FilePath) -> Bool {
    seenBefore?.contains(path.madeAbsolute()) ?? false
  }

  private mutating func addFile(_ path: FilePath, _ status: Stat) throws(StreamError) {
    let normal = path.lexicallyNormalized()
    guard seen.insert(normal).inserted else {
      repeated.append(path)
      return
    }
    guard unsafe path.withPlatformString({ unsafe access($0, R_OK) }) == 0 else {
      throw .unreadable(path, Errno(rawValue: errno))
    }
    found.append(InputFile(path: path, status: status))
  }
}

/// What a listing passed over in a directory.
struct SkippedEntries {
  var hidden: Int
  var directories: Int
}

extension StreamError {
  fileprivate static func missing(_ path: FilePath) -> StreamError {
    if (try? Stat(path, followTargetSymlink: false)) != nil {
      return StreamError(.usage, "'\(path)' is a link to a file that is not there")
    }
    if path == "-" {
      return StreamError(
        .usage, "no file '-'", hint: "standard input is what stream-source reads without 'file'")
    }
    let siblings = (try? Directory(at: path.directory))?.entries ?? []
    let names = siblings.compactMap { $0.lastComponent?.string }
    let suggestion = path.lastComponent.flatMap { nearest(to: $0.string, among: names) }
    let meant = suggestion.map {
      " (did you mean '\(path.removingLastComponent().appending($0))'?)"
    }
    return StreamError(.usage, "no file '\(path)'\(meant ?? "")")
  }

  /// A named input that the system does not let us read.
  static func unreadable(_ path: FilePath, _ reason: Errno) -> StreamError {
    StreamError(.usage, "cannot read '\(path)': \(reason.words)")
  }

  fileprivate static func emptyDirectory(
    _ path: FilePath, _ skipped: SkippedEntries
  ) -> StreamError {
    var reasons: [String] = []
    if skipped.hidden > 0 {
      reasons.append("\(skipped.hidden) whose names begin with '.' or '_' are passed over")
    }
    if skipped.directories > 0 {
      reasons.append("directories in it are not read")
    }
    let reason = reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))"
    let hint = skipped.directories > 0 ? "name them by a pattern: '\(path.appending("*"))'" : nil
    return StreamError(.usage, "no files in '\(path)'\(reason)", hint: hint)
  }
}

extension Errno {
  /// As the system says it, without the capital letter: `permission denied`.
  var words: String {
    let text = description
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
