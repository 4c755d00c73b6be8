import ArrowIPC
import Checkpoint
package import Columnar
import Diagnostics
import Glibc
package import Operators

/// A version of a table in the checkpoint: an Arrow IPC stream with zstd.
package struct KeptTable {
  package let path: String

  private static let rowCountMax = 65_536
  /// Of file names in crash points: the version differs from test to test.
  private static let label = "table.arrows"

  package init(path: String) { self.path = path }

  /// Writes the table, durably, unless it is there.
  ///
  /// - Parameter columns: those that are kept, of the table's.
  package func write(_ rows: TableRows, columns: [Int]) throws {
    let directory = Disk.parent(of: path)
    if Disk.exists(path) {
      // An earlier run may have died before its name was durable.
      return try Disk.synchronizeDirectory(directory, label: KeptTable.label)
    }
    let aside = "\(path).tmp"
    try Disk.remove(aside, label: KeptTable.label)
    do {
      var file = try DiskFile(aside, isNew: true, label: KeptTable.label)
      try write(rows, columns, to: &file)
      try file.synchronize()
    } catch {
      try? Disk.remove(aside, label: KeptTable.label)
      throw error
    }
    try Disk.rename(aside, to: path, label: KeptTable.label)
    try Disk.synchronizeDirectory(directory, label: KeptTable.label)
  }

  private func write(_ rows: TableRows, _ columns: [Int], to file: inout DiskFile) throws {
    let schema = Schema(columns.map { rows.schema.fields[$0] })
    let sink = MemorySink()
    let stream = ArrowStreamWriter(sink)
    func encode(_ body: () throws(ArrowError) -> Void) throws {
      do throws(ArrowError) {
        try body()
      } catch {
        throw StreamError(.internal, "cannot keep the table: \(error.message)", location: path)
      }
    }
    func flush() throws { try file.append(unsafe sink.take().span.bytes) }
    try encode { () throws(ArrowError) in try stream.begin(schema) }
    for chunk in rows.chunks {
      let batch = Batch(
        schema: schema, columns: columns.map { chunk.columns[$0] }, rowCount: chunk.rowCount)
      for start in stride(from: 0, to: batch.rowCount, by: KeptTable.rowCountMax) {
        let part = batch[start..<min(batch.rowCount, start + KeptTable.rowCountMax)]
        try encode { () throws(ArrowError) in
          try stream.write(part, compression: .zstd(level: 1))
        }
        try flush()
      }
    }
    try encode { () throws(ArrowError) in try stream.end() }
    try flush()
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
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw damaged("the table is missing") }
    defer { close(descriptor) }
    var batches: [Batch] = []
    var digest: TableDigest?
    var schema = Schema([])
    do throws(ArrowError) {
      let reader = try ArrowStreamReader(DescriptorSource(descriptor))
      schema = reader.schema
      var sum = TableDigest(schema)
      while let rows = try reader.next() {
        let batch = try rows.batch()
        sum.add(batch)
        batches.append(batch)
      }
      digest = sum
    } catch {
      throw damaged(error.message)
    }
    guard digest?.text == version else { throw damaged("the table does not match its checksum") }
    try begin(schema)
    for batch in batches { try body(batch) }
  }

  private func damaged(_ what: String) -> StreamError {
    StreamError(
      .io, "the checkpoint is damaged: \(what)", location: path,
      hint: "restore the directory from a copy, or begin again with an empty one")
  }
}
