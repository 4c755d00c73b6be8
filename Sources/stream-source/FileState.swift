import Checkpoint
import Connectors
import Diagnostics
import Formats
import JSONText
import Toolkit

/// What earlier runs have read of the files.
struct FileState {
  /// The names that are not to be read again.
  let seen = SeenFiles()
  let cleaner: FileCleaner?
  private let checkpoint: SourceCheckpoint
  private let finished: FinishedFiles
  /// Of all epochs, those to be made again too.
  private let history: FileHistory

  init(
    _ checkpoint: SourceCheckpoint, cleaning: FileCleaner.Way?, notices: Notices
  ) throws {
    self.checkpoint = checkpoint
    let seen = seen
    finished = try FinishedFiles(checkpoint.stage.path + "/files.log", base: checkpoint.base) {
      seen.insert($0)
    }
    history = try FileHistory(checkpoint.base, seen: seen)
    cleaner = cleaning.map { FileCleaner($0, seen: seen, notices: notices) }
    for intent in checkpoint.committed {
      try history.advance(past: intent.input)
      let ended = try FileIntent(intent.input).parts.filter(\.isEnd)
      cleaner?.wait(for: ended, of: intent.epoch)
    }
    for intent in checkpoint.replays { try history.advance(past: intent.input) }
    cleaner?.freeNames()
  }

  var hasBegun: Bool { history.hasBegun }

  /// Up to the last commit.
  func committed() throws -> FileHistory {
    let committed = try FileHistory(checkpoint.base, seen: SeenFiles())
    for intent in checkpoint.committed { try committed.advance(past: intent.input) }
    return committed
  }

  /// The history that bases are made of.
  func floor(_ base: JSON?) throws -> FileHistory {
    try FileHistory(base, seen: seen, finished: finished)
  }

  /// What follows in the file that was begun; nil when there is none, or nothing of it is missing.
  func rest() throws -> FileSegment? {
    guard let part = history.current else { return nil }
    seen.insert(part.file.path)
    return try FileSegment(behind: part)
  }
}

/// Makes sure that all files that come are of one format.
final class FormatCheck {
  /// nil until the first file has come.
  private(set) var format: Format?
  private let isNamed: Bool

  /// - Parameters:
  ///   - isNamed: `--format` says it, whatever files are called.
  ///   - former: of earlier runs.
  init(isNamed: Bool, former: Format?) {
    self.isNamed = isNamed
    format = former
  }

  func check(_ file: InputFile) throws(StreamError) {
    if isNamed { return }
    let other = FileEnding(of: file.name).format ?? .text
    guard let format else {
      format = other
      return
    }
    guard format == other else {
      throw StreamError(
        .usage,
        "'\(file.name)' is \(other.rawValue), but the files before it are \(format.rawValue)",
        hint: "choose files by a pattern, or say what all are: --format \(format.rawValue)")
    }
  }
}
