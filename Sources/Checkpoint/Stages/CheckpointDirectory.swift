internal import CProcess
package import Diagnostics
internal import Glibc
internal import JSONText

/// The directory in which a query keeps what it needs to go on after a crash.
///
///     DIR/query.json          which query this is
///     DIR/stages/ID/…         what each stage keeps: see ``StageDirectory``
///     DIR/rejects/ID/…        malformed and late records, where they are kept
package struct CheckpointDirectory: Sendable {
  /// Absolute.
  package let path: String
  package let query: QueryRecord

  /// The version of the files' format.
  static let formatVersion: Int64 = 1

  /// Opens the directory of a query, or makes a new one. For sources alone.
  ///
  /// - Parameter name: of a new query; nil for that of the directory.
  /// - Throws: a usage error when the directory holds something else, an I/O error when it is
  ///   damaged.
  package static func open(
    creating path: String, name: String? = nil
  ) throws(StreamError) -> CheckpointDirectory {
    let path = try makeDirectories(path)
    let file = "\(path)/query.json"
    // Looked at first: another source may make the query at this moment.
    let names = try Disk.names(in: path)
    if let query = try QueryRecord.read(file) {
      return CheckpointDirectory(path: path, query: query)
    }
    guard !names.contains("stages") else {
      throw StreamError(
        .io, "the checkpoint is damaged: it has stages but no query.json", location: path,
        hint: "restore the directory from a copy, or begin again with an empty one")
    }
    guard names.allSatisfy({ $0.hasPrefix(".query.json.") }) else {
      throw StreamError(
        .usage, "'\(path)' holds other files and is no checkpoint",
        hint: "name a directory that is new or empty: --checkpoint \(path)/checkpoint")
    }
    let query = QueryRecord(
      id: randomIdentifier(), name: name ?? Disk.lastComponent(path), created: now())
    try query.create(file)
    guard let winner = try QueryRecord.read(file) else {
      throw StreamError(.io, "cannot write '\(file)': it vanished")
    }
    return CheckpointDirectory(path: path, query: winner)
  }

  /// Opens the directory that a stream's header names.
  package static func open(_ path: String) throws(StreamError) -> CheckpointDirectory {
    guard let query = try QueryRecord.read("\(path)/query.json") else {
      throw StreamError(
        .usage, "the checkpoint '\(path)' is not on this machine",
        hint: "run the stages that keep files on the machine of the source")
    }
    return CheckpointDirectory(path: path, query: query)
  }

  package func stage(_ id: String) -> StageDirectory {
    StageDirectory(path: "\(path)/stages/\(id)", id: id)
  }

  /// The stages that keep something, by name.
  package func stages() throws(StreamError) -> [StageDirectory] {
    try Disk.names(in: "\(path)/stages").filter { !$0.hasPrefix(".") }.sorted().map(stage)
  }

  /// The stage that keeps the commits; nil before the first sink has registered.
  package func sink() throws(StreamError) -> StageDirectory? {
    try stages().first { Disk.exists($0.commitsPath) }
  }

  /// Whether it lies on a network file system, where locks and fsync may not mean what they say.
  package var isOnNetwork: Bool {
    // NFS, SMB, CIFS, SMB2, AFS, Ceph, 9p.
    let kinds: [UInt] = [
      0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x5346_414F, 0x00C3_6400, 0x0102_1997,
    ]
    return kinds.contains(unsafe process_file_system(path))
  }

  /// Makes what is missing of a path.
  ///
  /// - Returns: the absolute path.
  private static func makeDirectories(_ path: String) throws(StreamError) -> String {
    guard !path.isEmpty else { throw StreamError(.usage, "--checkpoint: the path is empty") }
    let absolute = path.hasPrefix("/") ? path : "\(workingDirectory())/\(path)"
    let parts = absolute.split(separator: "/").filter { $0 != "." }
    var made = ""
    for (index, part) in parts.enumerated() {
      made += "/\(part)"
      if Disk.isDirectory(made) { continue }
      // Another source may make it at this moment.
      guard !Disk.exists(made) || Disk.isDirectory(made) else {
        throw StreamError(.usage, "--checkpoint: '\(made)' is not a directory")
      }
      try Disk.makeDirectory(made, mode: index == parts.count - 1 ? 0o700 : 0o777)
    }
    return made
  }
}

/// Which query a checkpoint belongs to. Written once.
package struct QueryRecord: Sendable, Equatable {
  /// Survives restarts.
  package let id: String
  package let name: String
  /// µs since 1970, UTC.
  package let created: Int64

  fileprivate static func read(_ path: String) throws(StreamError) -> QueryRecord? {
    guard let json = try Document.read(path) else { return nil }
    guard let version = json["version"]?.int64, let id = json["id"]?.string,
      let name = json["name"]?.string, let created = json["created"]?.int64
    else {
      throw StreamError(.io, "the checkpoint is damaged: this is no query", location: path)
    }
    guard version == CheckpointDirectory.formatVersion else {
      throw StreamError(
        .io,
        "the checkpoint has format \(version), but this program writes "
          + "\(CheckpointDirectory.formatVersion)",
        location: path, hint: "use the release that wrote it, or begin with an empty directory")
    }
    return QueryRecord(id: id, name: name, created: created)
  }

  /// Another source may do the same at this moment: the first one wins.
  fileprivate func create(_ path: String) throws(StreamError) {
    let record: JSON = [
      "version": .integer(CheckpointDirectory.formatVersion), "id": .string(id),
      "name": .string(name), "created": .integer(created),
    ]
    let aside = "\(Disk.parent(of: path))/.query.json.\(getpid())"
    try? Disk.remove(aside)
    var file = try DiskFile(aside, isNew: true, label: "query.json.aside")
    try file.append(RecordLine.bytes(record, durable: 0))
    try file.synchronize()
    CrashPoint.pass("query.json:link")
    DiskTrace.note("link", [DiskTrace.path(aside), DiskTrace.path(path, as: "to")])
    guard unsafe link(aside, path) == 0 || errno == EEXIST else {
      throw diskError("cannot write '\(path)'")
    }
    try Disk.remove(aside, label: "query.json.aside")
    try Disk.synchronizeDirectory(Disk.parent(of: path), label: "query.json")
  }
}

func workingDirectory() -> String {
  guard let path = unsafe getcwd(nil, 0) else { return "" }
  defer { unsafe free(path) }
  return unsafe String(cString: path)
}

private func now() -> Int64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
}

/// Sixteen hexadecimal digits that nobody else has.
package func randomIdentifier() -> String {
  let digits = String(UInt64.random(in: .min ... .max), radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
