package import Columnar
package import Formats

/// How an input is read; the checked form of the command's options.
package struct InputPlan: Sendable {
  package var format: Format
  package var options: ReadOptions
  package var encoding = TextEncoding.utf8
  /// Which of the rows are wanted; nil for all.
  package var filter: (any RowFilter)?
  /// `_file` and `_offset` behind the other columns.
  package var wantsMetadata = false
  package var malformed = MalformedPolicy.keep
  /// Where malformed records go (`--rejects`).
  package var rejectsPath: String?
  /// What earlier runs put there stays.
  package var keepsRejects = false
  /// What the records of earlier runs held; nil when there were none. It takes the place of a guess.
  package var keptSchema: Schema?
  /// Earlier runs have read files: columns go by their names in those.
  package var followsEarlierFiles = false
  /// Epochs end within blocks, and where is to be known.
  package var isCutByRows = false
  package var limits = BlockLimits()
  /// How many threads parse at most.
  package var threadCount = 1
  /// CSV: `--delimiter` was given, so that tabs are not taken for granted in `.tsv` files.
  package var hasDelimiter = false

  package init(format: Format, options: ReadOptions = ReadOptions()) {
    self.format = format
    self.options = options
  }
}

/// What becomes of records that are not what their format or schema says (`--on-malformed`).
package enum MalformedPolicy: String, Sendable, CaseIterable {
  /// They are reported and, where asked, written elsewhere.
  case keep
  /// They are counted.
  case drop
  /// The first one ends the run.
  case fail
}

/// What there is to tell that is no error.
package struct Notices: Sendable {
  let warn: @Sendable (_ message: String, _ hint: String?) -> Void

  package init(warn: @escaping @Sendable (_ message: String, _ hint: String?) -> Void) {
    self.warn = warn
  }

  package static let none = Notices { _, _ in }
}
