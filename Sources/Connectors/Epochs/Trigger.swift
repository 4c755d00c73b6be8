/// When an epoch ends (`--trigger`).
package enum Trigger: Sendable, Equatable {
  /// When the input has nothing more at present, or a second after it opened.
  case promptly
  /// At regular intervals, in µs.
  case every(Int64)
  /// When a bound is reached or the input ends.
  case availableNow
}

/// What an epoch holds at most (`--max-rows`, `--max-bytes`, `--max-files`); at least one block of
/// records, all the same.
package struct EpochBounds: Sendable, Equatable {
  package var rows: Int?
  package var bytes: Int?
  package var files: Int?

  package init(rows: Int? = nil, bytes: Int? = nil, files: Int? = nil) {
    self.rows = rows
    self.bytes = bytes
    self.files = files
  }
}
