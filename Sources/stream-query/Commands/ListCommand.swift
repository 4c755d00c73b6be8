import ArgumentParser
import Checkpoint
import Diagnostics
import Glibc
import JSONText
import Toolkit

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration.tool(
    QueryTool.toolName, kind: "list", abstract: "List the checkpoints below directories.",
    discussion: """
      A line each: where it is, the query's name, whether it runs, its last epoch and how long ago \
      that began. Directories are searched four levels deep; links are not followed.
      """,
    examples: [
      ("all queries of this machine", "stream-query list /var/lib"),
      (
        "those that do not run",
        "stream-query list --json /var/lib | jq -r 'select(.state == \"stopped\").path'"
      ),
    ])

  @Argument(help: ArgumentHelp("Where to look (default: here).", valueName: "directory"))
  var directories: [String] = []

  @OptionGroup var options: QueryOptions

  private static let depthMax = 4

  func run() throws {
    var paths: [String] = []
    for directory in directories.isEmpty ? ["."] : directories {
      guard Disk.isDirectory(directory) else {
        throw StreamError(.usage, "'\(directory)' is not a directory")
      }
      search(directory, depth: 0, &paths)
    }
    let now = wallClock()
    let entries = paths.map { QueryEntry($0, at: now) }
    if options.json {
      for entry in entries { try printLine(entry.json) }
    } else if entries.isEmpty {
      say("no checkpoint found", options)
    } else {
      var table = TextTable([
        TextTable.Column("path"), TextTable.Column("name"), TextTable.Column("state"),
        TextTable.Column("epoch", isNumber: true), TextTable.Column("last"),
      ])
      table.fit(entries.map(\.cells))
      try printLine(table.header)
      for entry in entries { try printLine(table.line(entry.cells)) }
    }
  }

  private func search(_ path: String, depth: Int, _ found: inout [String]) {
    if Disk.exists("\(path)/query.json") { return found.append(path) }
    guard depth < ListCommand.depthMax else { return }
    do throws(StreamError) {
      for name in try Disk.names(in: path).sorted() {
        let child = path == "/" ? "/\(name)" : path == "." ? name : "\(path)/\(name)"
        if isOwnDirectory(child) { search(child, depth: depth + 1, &found) }
      }
    } catch {
      say(error.message, options)
    }
  }

  /// No link: it could lead round in circles.
  private func isOwnDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// A checkpoint as a line of a list.
struct QueryEntry {
  let path: String
  private let query: QueryRecord?
  private let state: String
  private let epoch: Int64?
  private let time: Int64?
  private let age: Int64?

  init(_ path: String, at now: Int64) {
    self.path = path
    let found = try? QueryEntry.look(path)
    query = found?.query
    state = found?.state ?? "damaged"
    epoch = found?.last?.epoch
    time = found?.last?.ledger["time"]?.int64
    age = time.map { max(0, difference(now, $0)) }
  }

  private static func look(
    _ path: String
  ) throws -> (query: QueryRecord, state: String, last: CommitRecord?) {
    let files = try QueryFiles(path)
    let last = try files.commits().last { !$0.isSoft }
    return (files.query, try QueryState(files, last: last).kind.rawValue, last)
  }

  var json: JSON {
    [
      "path": .string(path), "id": JSON(query?.id), "name": JSON(query?.name),
      "state": .string(state), "epoch": JSON(epoch), "time": JSON(time: time),
      "ageMs": JSON(age.map { $0 / 1000 }),
    ]
  }

  var cells: [String] {
    [
      plain(path), plain(query?.name ?? "-"), state, epoch.map(grouped) ?? "-",
      age.map(shownAge) ?? "-",
    ]
  }
}
