package import Checkpoint
package import Diagnostics
import Glibc
import JSONText
import Toolkit
import Wire

/// A checkpoint that is looked at: nothing in it is changed, and its locks are only looked at.
package struct QueryFiles {
  /// As it was named.
  package let path: String
  package let directory: CheckpointDirectory

  /// - Throws: a usage error when there is no checkpoint, an I/O error when it is damaged.
  package init(_ path: String) throws(StreamError) {
    guard let files = try QueryFiles(ifThereIs: path) else {
      let isThere = Disk.isDirectory(path)
      let directory = isThere ? path : Disk.parent(of: path)
      throw StreamError(
        .usage,
        "'\(path)' is no checkpoint: \(isThere ? "it has no query.json" : "no such directory")",
        hint: "find checkpoints: stream-query list \(shellQuoted(directory))")
    }
    self = files
  }

  /// - Returns: nil when there is no checkpoint.
  init?(ifThereIs path: String) throws(StreamError) {
    guard Disk.exists("\(path)/query.json") else { return nil }
    self.path = path
    try QueryFiles.refuseOthers("\(path)/query.json")
    directory = try CheckpointDirectory.open(path)
  }

  var query: QueryRecord { directory.query }

  func stages() throws(StreamError) -> [StageDirectory] {
    try directory.stages().filter { Disk.isDirectory($0.path) }
  }

  func sources() throws(StreamError) -> [StageDirectory] {
    try stages().filter { Disk.exists($0.runPath) || Disk.exists($0.intentsPath) }
  }

  /// Sources first, the sink last.
  private func stagesInOrder() throws(StreamError) -> [StageDirectory] {
    let sources = try sources()
    let sink = try directory.sink().map { [$0] } ?? []
    return sources + (try stages()).filter { !sources.contains($0) && !sink.contains($0) } + sink
  }

  // MARK: - Commits

  /// All commits that are kept, soft ones too; none before the first.
  func commits() throws(StreamError) -> [CommitRecord] {
    guard let sink = try directory.sink() else { return [] }
    try QueryFiles.refuseOthers(sink.commitsPath)
    guard let contents = try LogContents.read(sink.commitsPath)
    else { return [] }
    return try CommitRecord.list(contents, of: sink.commitsPath)
  }

  /// Reading a pipe might never end.
  private static func refuseOthers(_ path: String) throws(StreamError) {
    if case .file = EntryKind(path) { return }
    throw StreamError.damagedCheckpoint("this is no file", at: path)
  }

  // MARK: - The plan

  /// The whole pipeline as its sink saw it; nil before the first commit.
  func plan() throws(StreamError) -> [PlanStage]? {
    guard let sink = try directory.sink(), let record = try sink.plan(),
      let stages = record["plan"]?.array
    else { return nil }
    return try? stages.map { try PlanStage($0) }
  }

  /// The command of each stage that has one on record, those of the plan in its order.
  func commands() throws(StreamError) -> [(stage: String, tool: String, command: String)] {
    var commands = (try plan() ?? []).flattened.map { ($0.stage, $0.tool, $0.commandLine) }
    for stage in try stagesInOrder() where !commands.contains(where: { $0.0 == stage.id }) {
      let record = try stage.plan()
      let tool = record?["tool"]?.string ?? ""
      commands.append((stage.id, tool, record?["command"]?.string ?? tool))
    }
    return commands.map { (stage: $0.0, tool: $0.1, command: $0.2) }
  }

  // MARK: - Size

  /// The bytes of all files, as far as they can be seen.
  func byteCount() -> Int64 { sum(QueryFiles.sizes(below: directory.path, depth: 0)) }

  private static func sizes(below path: String, depth: Int) -> [Int64] {
    guard depth < 8, let names = try? Disk.names(in: path) else { return [] }
    return names.flatMap { name -> [Int64] in
      var status = stat()
      guard unsafe lstat("\(path)/\(name)", &status) == 0 else { return [] }
      if status.st_mode & S_IFMT == S_IFDIR {
        return sizes(below: "\(path)/\(name)", depth: depth + 1)
      }
      return [Int64(status.st_size)]
    }
  }
}

extension [PlanStage] {
  /// With those of other inputs.
  var flattened: [PlanStage] { flatMap { $0.otherInput.flattened + [$0] } }
}
