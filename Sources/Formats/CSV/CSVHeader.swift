/// The first record of a CSV file: the names of its columns.
package struct CSVHeader: Sendable, Equatable {
  /// Made unique: of equal names the second gets `_2` behind it; an empty one is `_c` and its
  /// position, from 0.
  package let names: [String]
  /// How many bytes of the file it takes, from the first on: a byte order mark and the line end
  /// are counted.
  package let byteCount: Int
  /// How many line ends are among them.
  package let lineCount: Int
}
