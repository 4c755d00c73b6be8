internal import Checkpoint
package import Diagnostics
internal import Glibc
internal import SystemPackage

/// Takes files away that were read to their end, once their epochs are committed
/// (`--clean-source`).
///
/// The name of such a file is free again: what comes under it is a new file.
package final class FileCleaner {
  package enum Way: Sendable, Equatable {
    case delete
    /// Into a directory, under their names.
    case archive(directory: String)
  }

  private let way: Way
  private let seen: SeenFiles
  private let notices: Notices
  private var waiting: [(epoch: Int64, file: InputFile)] = []
  private var hasToldFailure = false
  /// Gets the files that took the places of others before these were cleaned away.
  package var offer: (InputFile) -> Void = { _ in }

  package init(_ way: Way, seen: SeenFiles, notices: Notices) {
    self.way = way
    self.seen = seen
    self.notices = notices
  }

  /// Makes the directory of the archive, if need be.
  ///
  /// - Parameters:
  ///   - paths: of the input.
  ///   - directories: which it is read from.
  /// - Throws: a usage error when it cannot be the archive.
  package func prepare(
    _ paths: [String], _ directories: Set<String>
  ) throws(StreamError) {
    guard case .archive(let archive) = way else { return }
    let absolute = FilePath(archive).madeAbsolute()
    let isInput = paths.contains { FilePath($0).madeAbsolute() == absolute }
    guard !isInput, !directories.contains(absolute.string) else {
      throw StreamError(.usage, "--archive-dir: '\(archive)' is where the input is read from")
    }
    if Disk.isDirectory(archive) { return }
    do throws(StreamError) {
      try Disk.makeDirectory(archive, mode: 0o777)
    } catch {
      throw StreamError(.usage, "--archive-dir: \(error.message)")
    }
  }

  /// The first epoch whose files wait to be taken away; nil when none do.
  package var firstEpoch: Int64? { waiting.first?.epoch }

  /// Files that an epoch has read to their end. Epochs come in their order.
  package func wait(for parts: [FilePart], of epoch: Int64) {
    for part in parts { waiting.append((epoch, part.file)) }
  }

  /// Frees the names of files that are gone, or that others have taken the place of.
  package func freeNames() {
    waiting.removeAll { _, file in
      guard isGone(file) else { return false }
      seen.remove(file.path)
      return true
    }
  }

  /// Takes the files of committed epochs away: only when the commit is durable.
  package func clean(upTo epoch: Int64) {
    let count = waiting.prefix { $0.epoch <= epoch }.count
    for (_, file) in waiting[..<count] { clean(file) }
    waiting.removeFirst(count)
  }

  private func clean(_ file: InputFile) {
    if isGone(file) {
      seen.remove(file.path)
      if let other = InputFile(lookingAt: file.path, name: file.name) { offer(other) }
      return
    }
    do throws(StreamError) {
      try take(file)
      seen.remove(file.path)
    } catch {
      if !hasToldFailure { notices.warn("--clean-source: \(error.message)", nil) }
      hasToldFailure = true
    }
  }

  /// Whether what was read is not there any more under its name.
  private func isGone(_ file: InputFile) -> Bool {
    guard let now = InputFile(lookingAt: file.path) else { return true }
    return now.identity != file.identity
  }

  private func take(_ file: InputFile) throws(StreamError) {
    let path = file.path.string
    guard let now = InputFile(lookingAt: file.path), now.modified == file.modified,
      now.byteCount == file.byteCount
    else {
      throw StreamError(.io, "'\(file.name)' was written on after it was read; it stays")
    }
    guard case .archive(let archive) = way else { return try Disk.remove(path, label: "source") }
    let name = Disk.lastComponent(path)
    CrashPoint.pass("source:archive")
    for attempt in 0..<1000 {
      let target = "\(archive)/\(name)\(attempt == 0 ? "" : ".\(attempt)")"
      // A link, unlike a renaming, never takes the place of another file.
      if unsafe link(path, target) == 0 || isSameFile(path, target) {
        return try Disk.remove(path, label: "source")
      }
      guard errno == EEXIST else { throw diskError("cannot archive '\(path)' as '\(target)'") }
    }
    throw StreamError(.io, "cannot archive '\(path)': there are a thousand of its name already")
  }

  /// A crash may have come between the link and the removal.
  private func isSameFile(_ path: String, _ other: String) -> Bool {
    let code = errno
    defer { errno = code }
    guard let one = try? Stat(FilePath(path)), let two = try? Stat(FilePath(other)) else {
      return false
    }
    return one.deviceID == two.deviceID && one.inode == two.inode
  }
}
