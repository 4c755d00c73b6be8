package import Columnar
internal import Diagnostics
package import Formats
internal import Glibc

/// Records in a directory: a file for each epoch that has rows, which appears when the epoch is
/// whole.
///
/// Files are called `part-QUERY-BRANCH-EPOCH-NUMBER.SUFFIX`; those of other queries are left alone.
package struct DirectoryTarget: Target {
  private let path: String
  private let existing: ExistingFiles
  private let suffix: String
  private let makeWriter: () throws -> any RecordWriter
  private var form: ResultForm?
  private var open: Part?
  /// Parts that the next commit takes the place of.
  private var replaced: [String] = []
  private var current: [String] = []

  private struct Part {
    let name: String
    let file: AsideFile
    let output: RecordOutput
  }

  package init(
    path: String, existing: ExistingFiles, suffix: String,
    makeWriter: @escaping () throws -> any RecordWriter
  ) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.existing = existing
    self.suffix = suffix
    self.makeWriter = makeWriter
  }

  package mutating func begin(_ form: ResultForm) throws {
    self.form = form
    switch PathKind(path) {
    case .missing: try create()
    case .directory: try look()
    case .file, .special:
      throw StreamError(.usage, "'\(path)' is not a directory")
    }
  }

  private func create() throws {
    let parent = splitPath(path).directory
    if case .missing = PathKind(parent) {
      throw StreamError(.usage, "no directory '\(parent)'", hint: "mkdir -p \(parent)")
    }
    guard unsafe mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw fileError("cannot make directory '\(path)'")
    }
    try synchronizeDirectory(parent)
  }

  private mutating func look() throws {
    let names = try namesInDirectory(path).filter { !$0.hasPrefix(".") }
    guard let first = names.min() else { return }
    switch existing {
    case .append: break
    case .overwrite: replaced = names.filter { $0.hasPrefix("part-") }
    case .refuse:
      throw StreamError(
        .usage, "directory '\(path)' has files already, such as '\(first)'",
        hint: "--overwrite replaces the parts in it, --append adds to them")
    }
  }

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    if isDeletion { throw refuseDeletion() }
    if batch.rowCount > 0 { try part(for: batch.schema).output.write(batch) }
  }

  private mutating func part(for schema: Schema) throws -> Part {
    if let open { return open }
    guard let form else { throw StreamError(.internal, "rows before a schema") }
    // The epoch's number is known at its marker; until then the name does not matter.
    let name = "part-\(form.queryTag)-\(form.branch)"
    let file = try AsideFile(for: "\(path)/\(name)")
    let part = Part(
      name: name, file: file,
      output: RecordOutput(to: file.descriptor, named: "into '\(path)'", try makeWriter()))
    part.output.begin(schema)
    open = part
    return part
  }

  package mutating func commit(_ epoch: TargetEpoch) throws {
    var added: [String] = []
    if let part = open {
      try part.output.end()
      let name = "\(part.name)-\(padded(epoch.number))-0.\(suffix)"
      try part.file.publish(as: "\(path)/\(name)")
      added = [name]
      open = nil
    }
    if epoch.replacesResult { replaced += current }
    guard !added.isEmpty || epoch.replacesResult || epoch.isFinal else { return }
    for name in replaced where !added.contains(name) { removeFile("\(path)/\(name)") }
    replaced = []
    current = epoch.replacesResult ? added : current + added
    // Only complete mode ever takes parts away again.
    if form?.mode != .complete { current = [] }
  }

  private func padded(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  package mutating func discard() {
    open?.file.discard()
    open = nil
  }
}

private func namesInDirectory(_ path: String) throws -> [String] {
  guard let directory = unsafe opendir(path) else {
    throw fileError("cannot read directory '\(path)'")
  }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}
