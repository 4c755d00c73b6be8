internal import ArrowIPC
internal import Checkpoint
package import Columnar
internal import Diagnostics
internal import Glibc

/// A version of a table in the checkpoint: an Arrow IPC stream with zstd.
package struct KeptTable {
  package let path: String

  /// Of file names in crash points: the version differs from test to test.
  private static let label = "table.arrows"

  package init(path: String) { self.path = path }

  /// The name of the file that holds a version.
  package static func fileName(of version: String) -> String { "\(version).arrows" }

  /// - Returns: nil for the name of another file.
  package static func version(ofFile name: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1] == "arrows", !parts[0].isEmpty else { return nil }
    return String(parts[0])
  }

  /// Writes the table, durably, unless it is there.
  ///
  /// - Parameters:
  ///   - schema: of the batches.
  ///   - forEachBatch: calls its argument with all rows, some at a time.
  package func write(
    _ schema: Schema, _ forEachBatch: ((Batch) throws -> Void) throws -> Void
  ) throws {
    let directory = Disk.parent(of: path)
    if Disk.exists(path) {
      // An earlier run may have died before its name was durable.
      return try Disk.synchronizeDirectory(directory, label: KeptTable.label)
    }
    let aside = "\(path).tmp"
    try Disk.remove(aside, label: KeptTable.label)
    do {
      var file = try DiskFile(aside, isNew: true, label: KeptTable.label)
      try write(schema, forEachBatch, to: &file)
      try file.synchronize()
    } catch {
      try? Disk.remove(aside, label: KeptTable.label)
      throw error
    }
    try Disk.rename(aside, to: path, label: KeptTable.label)
    try Disk.synchronizeDirectory(directory, label: KeptTable.label)
  }

  private func write(
    _ schema: Schema, _ forEachBatch: ((Batch) throws -> Void) throws -> Void,
    to file: inout DiskFile
  ) throws {
    let sink = MemorySink()
    let stream = ArrowStreamWriter(sink)
    func encode(_ body: () throws(ArrowError) -> Void) throws {
      do throws(ArrowError) {
        try body()
      } catch {
        throw StreamError(.internal, "cannot keep the table: \(error.message)", location: path)
      }
      try file.append(unsafe sink.take().span.bytes)
    }
    try encode { () throws(ArrowError) in try stream.begin(schema) }
    try forEachBatch { batch in
      try encode { () throws(ArrowError) in
        try stream.write(batch, compression: .zstd(level: 1))
      }
    }
    try encode { () throws(ArrowError) in try stream.end() }
  }

  /// Reads the table.
  ///
  /// - Parameters:
  ///   - version: what its contents have to be.
  ///   - begin: told the columns before the first batch.
  /// - Throws: an I/O error when it is not there, or damaged.
  package func read(
    version: String, begin: (Schema) throws -> Void, _ body: (Batch) throws -> Void
  ) throws {
    var batches: [Batch] = []
    let schema = try verify(version: version) { batches.append($0) }
    try begin(schema)
    for batch in batches { try body(batch) }
  }

  /// Makes sure that the contents are those of a version.
  ///
  /// - Parameter body: gets the rows before it is known whether they are.
  /// - Returns: the columns.
  @discardableResult
  package func verify(version: String, _ body: (Batch) -> Void = { _ in }) throws -> Schema {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw damaged("the table is missing") }
    defer { close(descriptor) }
    do throws(ArrowError) {
      let reader = try ArrowStreamReader(DescriptorSource(descriptor))
      var digest = TableDigest(reader.schema)
      while let rows = try reader.next() {
        let batch = try rows.batch()
        digest.add(batch)
        body(batch)
      }
      guard digest.text == version else {
        throw .malformed("the table does not match its checksum")
      }
      return reader.schema
    } catch {
      throw damaged(error.message)
    }
  }

  private func damaged(_ what: String) -> StreamError {
    StreamError(
      .io, "the checkpoint is damaged: \(what)", location: path,
      hint: "restore the directory from a copy, or begin again with an empty one")
  }
}
