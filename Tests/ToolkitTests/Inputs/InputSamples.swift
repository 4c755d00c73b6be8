import Checkpoint
import Columnar
import Glibc
import JSONText
import Toolkit
import Wire

let inputSchema = Schema([Field("n", .bigint)])

/// A header of a source `NAME.source`, with further stages.
func sampleHeader(
  _ name: String, stages: [String] = [], id: String? = nil, checkpoint: String? = nil,
  run: String? = nil, resume: JSON? = nil, isBounded: Bool = false
) -> Header {
  var header = Header(
    query: QueryIdentity(
      id: id, runs: ["\(name).source": run ?? "run of \(name)"], checkpoint: checkpoint),
    resume: resume, shape: Shape(isBounded: isBounded))
  _ = header.append(tool: "stream-source", options: .object([]), branch: name)
  for stage in stages { _ = header.append(tool: stage, options: .object([])) }
  return header
}

func sampleInput(_ header: Header) -> InputHeader {
  InputHeader(header: header, schema: inputSchema, isForeign: false)
}

/// A marker of a source `NAME.source`.
func sampleMarker(
  _ name: String, _ epoch: Int64, time: Int64 = 0, watermark: Int64? = nil, isFinal: Bool = false,
  rows: Int64 = 1
) -> Ledger {
  let id = "\(name).source"
  return Ledger(
    epoch: epoch, by: id, time: time, isFinal: isFinal, watermark: watermark,
    sources: [SourcePart(id: id, epoch: epoch, rows: rows)],
    stages: [StagePart(id: id, metrics: [Metric("rowsOut", rows), Metric("stateRows", 7)])])
}

/// A pipe into which a small stream is written.
final class SamplePipe {
  let reading: Int32
  private(set) var writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    // Other tests start programs meanwhile.
    unsafe pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  /// The reading end stays open: a thread that still reads would read of what gets its number next.
  deinit { closeWriting() }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }
}

/// A stream that is written step by step.
final class SampleStream {
  let pipe = SamplePipe()
  let name: String
  private let writer: WireWriter

  init(_ header: Header) throws {
    name = header.plan.first?.branch ?? ""
    writer = WireWriter(descriptor: pipe.writing, compression: .none)
    try writer.begin(header, inputSchema)
  }

  func send(_ values: [Int64], epoch: Int64) throws {
    let batch = Batch(schema: inputSchema, columns: [Column(values.map { Optional($0) })])
    try writer.write(batch, EpochStamp(number: epoch, time: 0))
  }

  func mark(_ epoch: Int64, time: Int64 = 0, isFinal: Bool = false) throws {
    try writer.write(sampleMarker(name, epoch, time: time, isFinal: isFinal))
  }

  func fail(_ failure: Failure) throws {
    try writer.write(failure)
    pipe.closeWriting()
  }

  func end() throws {
    try writer.end()
    pipe.closeWriting()
  }

  func die() { pipe.closeWriting() }
}

/// A directory that is removed with its contents.
final class SampleDirectory {
  let path: String

  init() {
    path = "/tmp/stream-inputs-\(getpid())-\(randomIdentifier())"
    unsafe mkdir(path, 0o700)
  }

  deinit {
    for name in (try? Disk.names(in: path)) ?? [] { try? Disk.remove("\(path)/\(name)") }
    unsafe rmdir(path)
  }

  var stage: StageDirectory { StageDirectory(path: path, id: "a.union") }
}
