import Columnar

/// Numbers by the time at which they expire.
///
/// A radix heap: a number stands in the bucket of the highest bit in which its time differs from the
/// time up to which all has expired. When that moves on, whole buckets expire and one is divided
/// among those below it: a number moves at most 64 times, to the end of another bucket, and those
/// that do not expire soon are not looked at.
///
/// Within a bucket numbers stand in the order in which they came. So the order of all of them, and
/// that in which they expire, depend on nothing but this order and the time.
struct ExpiryQueue {
  private struct Entry: BitwiseCopyable {
    var time: Int64
    var number: Int32
  }

  /// The time of numbers that do not expire.
  static let never = Int64.max

  private static let unsorted = 65
  private static let endless = 66

  /// Bucket 0 has what is due. Up to the first call of ``advance(to:)`` all stand in `unsorted`.
  private var buckets: [[Entry]] = Array(repeating: [], count: endless + 1)
  /// All that expires up to this time has expired.
  private var front: Int64?

  mutating func insert(_ number: Int32, expiring time: Int64) {
    buckets[bucket(of: time)].append(Entry(time: time, number: number))
  }

  private func bucket(of time: Int64) -> Int {
    if time == ExpiryQueue.never { return ExpiryQueue.endless }
    guard let front else { return ExpiryQueue.unsorted }
    return time > front ? ExpiryQueue.bucket(of: time, after: front) : 0
  }

  /// From 1 to 64. Of times with different signs it is the last one, as the sign bit is the highest.
  private static func bucket(of time: Int64, after front: Int64) -> Int {
    64 - (time ^ front).leadingZeroBitCount
  }

  /// Takes out what expires at or before a time; times never fall.
  mutating func advance(to time: Int64) -> [Int32] {
    var expired: [Int32] = []
    if let front, time <= front {
      expire(0, &expired)
      return expired
    }
    let divided = front.map { ExpiryQueue.bucket(of: time, after: $0) } ?? ExpiryQueue.unsorted
    for bucket in 0..<divided { expire(bucket, &expired) }
    let entries = buckets[divided]
    buckets[divided] = []
    front = time
    for entry in entries {
      if entry.time <= time {
        expired.append(entry.number)
      } else {
        buckets[ExpiryQueue.bucket(of: entry.time, after: time)].append(entry)
      }
    }
    return expired
  }

  private mutating func expire(_ bucket: Int, _ expired: inout [Int32]) {
    guard !buckets[bucket].isEmpty else { return }
    expired += buckets[bucket].map(\.number)
    buckets[bucket] = []
  }

  /// All numbers, in the queue's order.
  var numbers: Buffer<Int32> {
    Buffer(count: buckets.reduce(0) { $0 + $1.count }) { output in
      for bucket in buckets {
        for entry in bucket { output.append(entry.number) }
      }
    }
  }

  /// Numbers them anew, from 0 in the queue's order.
  mutating func renumber() {
    var next: Int32 = 0
    for bucket in buckets.indices {
      for place in buckets[bucket].indices {
        buckets[bucket][place].number = next
        next += 1
      }
    }
  }

  /// What was allocated.
  var byteCount: Int {
    buckets.reduce(0) { $0 + $1.capacity } * MemoryLayout<Entry>.stride
  }
}
