import Columnar

// Lists of groups, or of rows, by their numbers.

extension Buffer<Int32> {
  /// All numbers below `count`, ascending.
  static func numbers(below count: Int) -> Buffer<Int32> {
    Buffer(count: count) { output in
      for number in 0..<count { output.append(Int32(truncatingIfNeeded: number)) }
    }
  }

  /// The elements at some places, each in `0..<count`.
  func gathering(_ places: Buffer<Int32>) -> Buffer<Int32> {
    let (source, places) = (span, places.span)
    return Buffer(count: places.count) { output in
      for slot in places.indices { output.append(source[Int(places[slot])]) }
    }
  }

  /// The same groups in runs of a size that a batch has: what the next stage, and a reader of the
  /// state, can easily hold.
  ///
  /// - Parameter byteCount: about what a group takes in the batch.
  func slices(byteCount: (_ group: Int) -> Int) -> [Buffer<Int32>] {
    let (rowsMax, bytesMax) = (16_384, 4 << 20)
    var slices: [Buffer<Int32>] = []
    var start = 0
    while start < count {
      var (end, bytes) = (start, 0)
      repeat {
        bytes += byteCount(Int(self[end]))
        end += 1
      } while end < count && end - start < rowsMax && bytes < bytesMax
      slices.append(self[start..<end])
      start = end
    }
    return slices
  }
}
