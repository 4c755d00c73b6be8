import Columnar
import Glibc
import Wire

/// A pipe that closes its ends with itself.
final class TestPipe {
  let input: Int32
  let output: Int32
  private var isOutputOpen = true
  private var isInputOpen = true

  init() {
    var ends: [Int32] = [-1, -1]
    unsafe precondition(pipe(&ends) == 0)
    (input, output) = (ends[0], ends[1])
  }

  deinit {
    closeOutput()
    closeInput()
  }

  func closeOutput() {
    if isOutputOpen { close(output) }
    isOutputOpen = false
  }

  func closeInput() {
    if isInputOpen { close(input) }
    isInputOpen = false
  }

  func write(_ bytes: [UInt8]) {
    unsafe precondition(Glibc.write(output, bytes, bytes.count) == bytes.count)
  }

  /// All bytes until the other end is closed.
  func read() -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe Glibc.read(input, &part, part.count)
      if count <= 0 { return bytes }
      bytes += part[..<count]
    }
  }

  /// What a writer wrote, all of which fits into the pipe.
  static func bytes(
    _ compression: Compression = .none, _ body: (WireWriter) throws -> Void
  ) throws -> [UInt8] {
    let pipe = TestPipe()
    try body(WireWriter(descriptor: pipe.output, compression: compression))
    pipe.closeOutput()
    return pipe.read()
  }

  /// A pipe that holds these bytes, and then ends.
  static func holding(_ bytes: [UInt8]) -> TestPipe {
    let pipe = TestPipe()
    pipe.write(bytes)
    pipe.closeOutput()
    return pipe
  }
}

let people = Schema([Field("name", .string), Field("age", .int)])

func people(_ names: [String?]) -> Batch {
  Batch(schema: people, columns: [Column(names), Column(names.indices.map { Int32($0) })])
}

/// All frames up to the end, with the rows of those that have some.
func frames(_ reader: WireReader) throws -> [String] {
  var frames: [String] = []
  while let frame = try reader.next() {
    switch frame {
    case .rows(let rows):
      let batch = try rows.batch()
      let names = batch.columns[0].values.map {
        if case .string(let name) = $0 { name } else { "-" }
      }
      let sign = rows.isDeletion ? "-" : "+"
      frames.append(
        "\(sign)\(names.joined(separator: ",")) @\(rows.stamp.number)/\(rows.stamp.time)")
    case .marker(let ledger):
      frames.append("marker \(ledger.epoch)\(ledger.isFinal ? " final" : "")")
    case .failure(let failure): frames.append("failure \(failure.status)")
    }
  }
  return frames
}
