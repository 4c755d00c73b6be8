package import Columnar
internal import Diagnostics
internal import Formats
package import Parquet

/// A Parquet file, whose footer stands behind the last record.
package struct ParquetRecords: RecordWriter {
  private let layout: ParquetLayout
  /// nil before the beginning, and for a file that is whole already.
  private var writer: ParquetWriter?
  private let isWhole: Bool

  /// - Parameter isWhole: the file was written to its end by an earlier run: there is nothing to
  ///   begin.
  package init(_ layout: ParquetLayout, isWhole: Bool = false) {
    self.layout = layout
    self.isWhole = isWhole
  }

  /// What is written to tell that columns can be held by a Parquet file.
  ///
  /// - Throws: a usage error that names one that cannot.
  package static func check(_ schema: Schema) throws {
    _ = try makeWriter(schema, ParquetLayout())
  }

  private static func makeWriter(
    _ schema: Schema, _ layout: ParquetLayout
  ) throws(StreamError) -> ParquetWriter {
    do throws(ParquetError) {
      return try ParquetWriter(schema, layout)
    } catch {
      var hint: String?
      if case .unsupported(let column, _) = error {
        let name = column.split(separator: ".").first ?? ""
        hint = "leave it out: stream-map --drop \(name)"
      }
      throw StreamError(.usage, error.message, hint: hint)
    }
  }

  package mutating func begin(_ schema: Schema, into bytes: inout MutableBuffer<UInt8>) throws {
    if isWhole { return }
    let writer = try ParquetRecords.makeWriter(schema, layout)
    writer.begin(into: &bytes)
    self.writer = writer
  }

  package mutating func write(_ batch: Batch, into bytes: inout MutableBuffer<UInt8>) throws {
    guard let writer else {
      throw StreamError(.internal, "rows for a Parquet file that is whole")
    }
    do throws(ParquetError) {
      try writer.write(batch, into: &bytes)
    } catch {
      throw StreamError(.usage, error.message)
    }
  }

  package mutating func end(into bytes: inout MutableBuffer<UInt8>) { writer?.end(into: &bytes) }

  package var heldByteCount: Int { writer?.heldByteCount ?? 0 }

  package mutating func writeHeld(into bytes: inout MutableBuffer<UInt8>) {
    writer?.endGroup(into: &bytes)
  }
}
