internal import Diagnostics
internal import Glibc
internal import SystemPackage

/// A path with `*`, `?`, `[…]` or `{…,…}` in it, as the shell knows them.
struct PathPattern {
  let text: String

  /// - Returns: nil for a text without any of these.
  init?(_ text: String) {
    guard text.utf8.contains(where: { "*?[{".utf8.contains($0) }) else { return nil }
    self.text = text
  }

  /// `**`, which would mean "at any depth" and is not known here.
  private var isRecursive: Bool { text.split(separator: "/").contains("**") }

  /// - Throws: a usage error for `**`.
  func refuseRecursion() throws(StreamError) {
    guard isRecursive else { return }
    throw StreamError(
      .usage, "'\(text)': '**' is not understood",
      hint: "name each level of directories: 'data/*/*.csv'")
  }

  /// The paths that are there and match; hidden ones only where the pattern says the dot.
  func matches() throws(Errno) -> [FilePath] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    let flags = GLOB_BRACE | GLOB_TILDE | GLOB_NOSORT
    let status = unsafe text.withCString { unsafe glob($0, flags, nil, &found) }
    switch status {
    case 0: break
    case GLOB_NOMATCH: return []
    case GLOB_NOSPACE: throw .noMemory
    default: throw .ioError
    }
    // SAFETY: `glob` has filled `gl_pathc` entries, each ending with a zero byte.
    return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe FilePath(platformString: $0) }
    }
  }
}
