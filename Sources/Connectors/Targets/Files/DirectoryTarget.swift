internal import Checkpoint
package import Columnar
internal import Diagnostics
package import Formats
internal import Glibc
package import JSONText

/// How rows are spread over the files of a directory.
package struct DirectoryLayout: Sendable {
  /// What the files' names end in.
  package var suffix: String
  /// The columns that become directories (`country=de/…`) and are left out of the files.
  package var partitionColumns: [String]
  /// A file that is as long is closed, and the epoch goes on in another one; nil: never.
  package var byteCountMax: Int64?
  /// All rows of a partition come in one epoch: behind them it gets an empty file `_SUCCESS`, which
  /// says that it is whole.
  package var marksPartitions: Bool

  package init(
    suffix: String, partitionColumns: [String] = [], byteCountMax: Int64? = nil,
    marksPartitions: Bool = false
  ) {
    self.suffix = suffix
    self.partitionColumns = partitionColumns
    self.byteCountMax = byteCountMax
    self.marksPartitions = marksPartitions
  }
}

/// Records in a directory: files for each epoch that has rows, which appear when the epoch is whole
/// and, where there is a checkpoint, committed.
///
/// Files are called `part-QUERY-BRANCH-EPOCH-NUMBER.SUFFIX`; those of other queries are left alone.
/// The commit's record names the parts, so that no log of them is needed beside it.
package struct DirectoryTarget: DurableTarget {
  private let path: String
  private let existing: ExistingFiles
  private let layout: DirectoryLayout
  private let makeWriter: () throws -> any RecordWriter
  private var form: ResultForm?
  private var parts: OpenParts?
  private var splitter: PartitionSplitter?
  /// Files that were there before and that the first commit takes the place of.
  private var overwritten: [String] = []
  /// What the whole result consists of, in complete mode.
  private var holds: [String] = []
  private var prepared = PartChanges()

  package init(
    path: String, existing: ExistingFiles, layout: DirectoryLayout,
    makeWriter: @escaping () throws -> any RecordWriter
  ) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.existing = existing
    self.layout = layout
    self.makeWriter = makeWriter
  }

  package mutating func begin(_ form: ResultForm) throws {
    self.form = form
    if !layout.partitionColumns.isEmpty {
      splitter = try PartitionSplitter(by: layout.partitionColumns, of: form.schema)
    }
    let names = PartNames(form, suffix: layout.suffix)
    parts = OpenParts(
      in: path, names, byteCountMax: layout.byteCountMax, makeWriter: makeWriter)
    if !form.isDurable { try start() }
  }

  // MARK: - Starting

  /// The first time: what is there is not ours.
  private mutating func start() throws {
    switch PathKind(path) {
    case .missing: try create()
    case .directory: try look()
    case .file, .special:
      throw StreamError(.usage, "'\(path)' is not a directory")
    }
    guard unsafe access(path, W_OK | X_OK) == 0 else {
      throw fileError("cannot write into directory '\(path)'")
    }
  }

  private func create() throws {
    let parent = splitPath(path).directory
    if case .missing = PathKind(parent) {
      throw StreamError(.usage, "no directory '\(parent)'", hint: "mkdir -p \(parent)")
    }
    guard unsafe access(parent, W_OK | X_OK) == 0 else {
      throw fileError("cannot make directory '\(path)'")
    }
    try Disk.makeDirectory(path, mode: 0o777)
  }

  private mutating func look() throws {
    // Partitions without a file may stem from an epoch that was not committed, and parts of this
    // very query from commits that the checkpoint has lost: they are made again.
    let own = form.map { PartNames($0, suffix: layout.suffix).stem + "-" }
    let names = try files { name in
      !name.hasPrefix(".") && own.map { name.hasPrefix($0) } != true
    }
    // A marker stands for parts: it is in nobody's way, and goes with them.
    let markers = names.filter { splitRelative($0).name == PartChanges.marker }
    guard let first = names.first(where: { !markers.contains($0) }) else { return }
    switch existing {
    case .append: break
    case .overwrite:
      overwritten = names.filter { splitRelative($0).name.hasPrefix("part-") } + markers
    case .refuse:
      throw StreamError(
        .usage, "directory '\(path)' has files already, such as '\(first)'",
        hint: "--overwrite replaces the parts in it, --append adds to them")
    }
  }

  /// Files in the directory and in its partitions.
  ///
  /// - Returns: relative names, sorted.
  private func files(where isWanted: (String) -> Bool) throws -> [String] {
    var found: [String] = []
    var pending = [""]
    while let directory = pending.popLast() {
      for name in try Disk.names(in: joined(path, directory)) {
        let file = joined(directory, name)
        if name.contains("="), Disk.isDirectory("\(path)/\(file)") {
          pending.append(file)
        } else if isWanted(name) {
          found.append(file)
        }
      }
    }
    return found.sorted()
  }

  package mutating func resume(_ resume: TargetResume) throws -> TargetPosition {
    guard let form else { throw StreamError(.internal, "a target that has not begun") }
    if resume.isNew {
      try start()
    } else {
      guard case .directory = PathKind(path) else {
        throw StreamError(
          .io, "directory '\(path)' is gone, but the checkpoint has parts in it",
          hint: "restore it, or make an empty one to go on without them: mkdir \(path)")
      }
      try PartChanges(resume.detail).apply(in: path)
      holds = try PartChanges.holds(resume.detail)
    }
    let names = PartNames(form, suffix: layout.suffix)
    for name in try files(where: names.isAside) {
      try Disk.remove("\(path)/\(name)", label: "part.aside")
    }
    return .asCommitted
  }

  // MARK: - Epochs

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    if isDeletion { throw refuseDeletion() }
    guard batch.rowCount > 0 else { return }
    guard let groups = try splitter?.split(batch) else { return try parts?.write(batch) ?? () }
    for group in groups { try parts?.write(group.rows, into: group.directory) }
  }

  package mutating func prepare(_ epoch: TargetEpoch) throws -> JSON {
    var changes = PartChanges()
    changes.completesPartitions = layout.marksPartitions
    changes.added = try parts?.finish(epoch: epoch.number) ?? []
    let names = changes.added.map(\.name)
    if epoch.replacesResult { changes.removed = holds }
    if !names.isEmpty || epoch.replacesResult || epoch.isFinal {
      changes.removed += overwritten
      overwritten = []
    }
    let kept = Set(names + changes.markers)
    changes.removed.removeAll { kept.contains($0) }
    // Only complete mode ever takes parts away again.
    if form?.mode == .complete { holds = epoch.replacesResult ? names : holds + names }
    prepared = changes
    return changes.detail(holding: holds)
  }

  package mutating func publish(_ epoch: TargetEpoch) throws {
    if !prepared.isEmpty { try prepared.apply(in: path) }
    prepared = PartChanges()
  }

  package mutating func commit(_ epoch: TargetEpoch) throws {
    _ = try prepare(epoch)
    try publish(epoch)
  }

  /// With a checkpoint, what was prepared stays: its commit may have reached the disk although
  /// nobody said so.
  package mutating func discard() {
    parts?.discard()
    guard form?.isDurable == false else { return }
    for part in prepared.added { removeFile("\(path)/\(part.aside)") }
  }
}
