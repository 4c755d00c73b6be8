internal import ArrowIPC
internal import Checkpoint
internal import Columnar
internal import Diagnostics
internal import JSONText

/// A segment of the log that this run appends to.
final class SegmentWriter {
  let name: String
  private var file: DiskFile
  private let sink = MemorySink()
  private let stream: ArrowStreamWriter
  private let head: Buffer<UInt8>
  private let seal: Seal
  private let runSum = Checksum()
  private let epochSum = Checksum()
  private var epochStart: Int64
  private var stamp: (epoch: Int64, time: Int64, text: String) = (0, 0, "")

  /// Begins a file, durably.
  init(_ name: String, in directory: String, _ schema: Schema) throws(StreamError) {
    self.name = name
    stream = ArrowStreamWriter(sink)
    file = try DiskFile("\(directory)/\(name)", isNew: true, label: "wal")
    do throws(ArrowError) {
      try stream.begin(schema)
      seal = try Seal(schema)
    } catch {
      throw StreamError(.internal, error.message)
    }
    head = sink.take()
    epochStart = Int64(head.count)
    try append(head)
    try Disk.synchronizeDirectory(directory, label: "wal")
  }

  var byteCount: Int64 { file.length }

  /// What follows belongs to another epoch.
  func beginEpoch() {
    epochStart = file.length
    epochSum.reset()
    epochSum.add(head)
  }

  /// Appends rows and their seal by one write: all of it is there, or nothing holds.
  func append(_ batch: Batch, in epoch: SourceEpoch) throws(StreamError) {
    let run: Buffer<UInt8>
    do throws(ArrowError) {
      run = try sealed(batch, [KeyValue("stream.epoch", text(of: epoch))])
    } catch {
      throw StreamError(.internal, error.message)
    }
    try append(run)
    epochSum.add(run)
  }

  private func sealed(
    _ batch: Batch, _ metadata: [KeyValue]
  ) throws(ArrowError) -> Buffer<UInt8> {
    try stream.write(batch, metadata: metadata, compression: .zstd(level: 1))
    let rows = sink.take()
    runSum.reset()
    runSum.add(head)
    runSum.add(rows)
    let end = try seal.bytes(runSum.text)
    var bytes = MutableBuffer<UInt8>(capacity: rows.count + end.count)
    bytes.append(contentsOf: rows.span)
    bytes.append(contentsOf: end.span)
    return bytes.take()
  }

  private func append(_ bytes: Buffer<UInt8>) throws(StreamError) {
    let span = bytes.span
    try file.append(unsafe span.bytes)
  }

  private func text(of epoch: SourceEpoch) -> String {
    if stamp.epoch != epoch.number || stamp.time != epoch.time {
      let json: JSON = ["epoch": .integer(epoch.number), "time": .integer(epoch.time)]
      stamp = (epoch.number, epoch.time, json.text)
    }
    return stamp.text
  }

  /// Makes the open epoch's rows durable.
  ///
  /// - Returns: where they are.
  func endEpoch() throws(StreamError) -> WALRange {
    try file.synchronize()
    return WALRange(segment: name, bytes: epochStart..<file.length, sum: epochSum.text)
  }
}
