/// Whether the bodies of messages are compressed.
package enum Compression: Sendable, Hashable {
  /// Where it pays.
  case auto
  case none
  /// - Parameter level: 1...19, or negative for faster ones.
  case zstd(level: Int)
}
