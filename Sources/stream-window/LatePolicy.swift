import Checkpoint
import Diagnostics

/// What becomes of late rows.
enum LatePolicy: Equatable {
  case drop
  /// In the checkpoint.
  case keep
  case directory(String)

  /// - Throws: a usage error for an empty path, and for what looks like a word that is not known.
  init(_ text: String) throws(StreamError) {
    switch text {
    case "drop": self = .drop
    case "keep": self = .keep
    case "": throw StreamError(.usage, "--late: expected 'drop', 'keep' or a directory")
    default:
      if !text.contains("/"), let meant = nearest(to: text, among: ["drop", "keep"]) {
        throw StreamError(
          .usage, "--late: '\(text)' is neither 'drop' nor 'keep' (did you mean '\(meant)'?)",
          hint: "for a directory of that name: --late ./\(text)")
      }
      self = .directory(text)
    }
  }

  /// - Throws: a usage error when something else has the directory's name.
  func checkDirectory() throws(StreamError) {
    guard case .directory(let path) = self else { return }
    if Disk.exists(path), !Disk.isDirectory(path) {
      throw StreamError(.usage, "--late: '\(path)' is not a directory")
    }
  }

  /// As the stream's header has it.
  var text: String {
    switch self {
    case .drop: "drop"
    case .keep: "keep"
    case .directory(let path): path
    }
  }
}
