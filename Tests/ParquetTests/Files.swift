import Columnar
import Parquet
import TestSupport

/// All batches of a file in memory.
func batches(_ bytes: Buffer<UInt8>) throws -> [Batch] {
  let file = try ParquetFile(bytes)
  let rows = try ParquetRows(file, columns: file.columns)
  var batches: [Batch] = []
  while let batch = try rows.next() { batches.append(batch) }
  return batches
}

func rows(_ batches: [Batch]) -> [[Value]] {
  batches.flatMap { batch in (0..<batch.rowCount).map { batch.row($0) } }
}
