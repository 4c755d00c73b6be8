import ArrowIPC
package import Diagnostics

/// Whether the rows in a pipe are compressed.
package enum Compression: Sendable, Hashable {
  /// Where it pays, see ``CompressionChoice``.
  case auto
  case none
  /// - Parameter level: 1...19, or -7...-1 for faster ones.
  case zstd(level: Int)

  /// What the option `--compression` says: `auto`, `none`, `zstd` or `zstd:LEVEL`.
  package init(_ text: String) throws(StreamError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("auto", 1): self = .auto
    case ("none", 1): self = .none
    case ("zstd", 1): self = .zstd(level: 1)
    case ("zstd", 2):
      guard let level = Int(parts[1]), level != 0, (-7...19).contains(level) else {
        throw StreamError(
          .usage, "expected a level of zstd from 1 to 19 but found '\(parts[1])'",
          hint: "--compression zstd:3")
      }
      self = .zstd(level: level)
    default:
      throw StreamError(
        .usage, "expected auto, none or zstd[:LEVEL] but found '\(text)'",
        hint: "--compression zstd:3")
    }
  }
}
