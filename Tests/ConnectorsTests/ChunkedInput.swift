import Connectors
import Diagnostics

/// An input that is read in chunks of given sizes; a 0 among them is a pause of the writer's.
final class ChunkedInput: ByteInput {
  private let bytes: [UInt8]
  private var chunks: [Int]
  private var position = 0
  let mayWait: Bool

  init(_ bytes: [UInt8], chunks: [Int] = [], mayWait: Bool = true) {
    self.bytes = bytes
    self.chunks = mayWait ? chunks : chunks.filter { $0 > 0 }
    self.mayWait = mayWait
  }

  func read(into room: UnsafeMutableRawBufferPointer) throws(StreamError) -> Int {
    var count = min(room.count, bytes.count - position)
    if let limit = chunks.first(where: { $0 > 0 }) { count = min(count, limit) }
    if let index = chunks.firstIndex(where: { $0 > 0 }) {
      chunks[index] -= count
      if chunks[index] == 0 { chunks.remove(at: index) }
    }
    for index in 0..<count { unsafe room[index] = bytes[position + index] }
    position += count
    return count
  }

  func wait(until deadline: Deadline) throws(StreamError) -> Bool {
    if chunks.first == 0 {
      chunks.removeFirst()
      return false
    }
    return true
  }

  var availableCount: Int { min(chunks.first ?? .max, bytes.count - position) }
  var consumedCount: Int64 { Int64(position) }
}
