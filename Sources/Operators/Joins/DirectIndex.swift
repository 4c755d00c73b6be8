import CKernels
import Columnar

/// Integers that lie close together, each with a number: a look-up is one access to memory.
struct DirectIndex: Sendable {
  private let first: Int64
  /// The numbers of the integers from `first` on, -1 for those that are not there; the last one
  /// stands for all that lie outside.
  private let numbers: Buffer<Int32>
  private let nullNumber: Int32
  /// How many integers there are, with null, if it is one.
  let count: Int

  /// What an index takes at most of memory for each of its integers, in places of 4 bytes: less than a
  /// hash table does.
  private static let placesMax = 8

  /// Numbers the integers in the order in which they first appear.
  ///
  /// - Parameters:
  ///   - parts: nulls have a number as well.
  ///   - numbers: gets the number of each.
  /// - Returns: nil for integers that lie too far apart.
  init?(
    _ parts: [(words: Buffer<Int64>, validity: Bitmap?)], _ numbers: inout MutableBuffer<Int32>
  ) {
    let total = parts.reduce(0) { $0 + $1.words.count }
    guard let bounds = DirectIndex.bounds(parts),
      // No overflow: as bit patterns, the distance of two integers fits always.
      UInt64(bitPattern: bounds.upperBound &- bounds.lowerBound)
        < UInt64(max(1024, total * DirectIndex.placesMax))
    else { return nil }
    let placeCount = Int(bounds.upperBound - bounds.lowerBound) + 1
    var places = MutableBuffer<Int32>(capacity: placeCount + 1)
    places.append(repeating: -1, count: placeCount + 1)
    var (next, nullNumber) = (Int32(0), Int32(-1))
    numbers.reserve(total)
    for (words, validity) in parts {
      let words = words.span
      for slot in words.indices {
        if let validity, !validity[slot] {
          if nullNumber < 0 { (nullNumber, next) = (next, next + 1) }
          numbers.append(nullNumber)
          continue
        }
        let place = Int(words[slot] &- bounds.lowerBound)
        if places[place] < 0 { (places[place], next) = (next, next + 1) }
        numbers.append(places[place])
      }
    }
    first = bounds.lowerBound
    self.numbers = places.take()
    self.nullNumber = nullNumber
    count = Int(next)
  }

  /// - Returns: nil where all are null.
  private static func bounds(
    _ parts: [(words: Buffer<Int64>, validity: Bitmap?)]
  ) -> ClosedRange<Int64>? {
    var (least, largest) = (Int64.max, Int64.min)
    for (words, validity) in parts {
      let words = words.span
      for slot in words.indices where validity.map({ $0[slot] }) ?? true {
        least = min(least, words[slot])
        largest = max(largest, words[slot])
      }
    }
    return least <= largest ? least...largest : nil
  }

  /// The number of each integer; -1 for one that is not there.
  func find(_ words: Buffer<Int64>, validity: Bitmap?) -> Buffer<Int32> {
    var found = MutableBuffer<Int32>(capacity: words.count)
    let (source, numbers, output) = unsafe (words.pointer, numbers.pointer, found.pointer)
    let (first, outside) = (first, UInt64(self.numbers.count - 1))
    let isLarge = self.numbers.byteCount > KeyScratch.cachedBytes
    // SAFETY: there is room for all, and no place is behind the last one.
    for start in stride(from: 0, to: words.count, by: KeyScratch.rows) {
      let rows = start..<min(start + KeyScratch.rows, words.count)
      if isLarge {
        for slot in rows {
          let place = unsafe min(UInt64(bitPattern: source[slot] &- first), outside)
          unsafe kernel_prefetch(numbers + Int(place))
        }
      }
      for slot in rows {
        let place = unsafe min(UInt64(bitPattern: source[slot] &- first), outside)
        unsafe output[slot] = numbers[Int(place)]
      }
    }
    unsafe found.setCount(words.count)
    if let validity {
      for slot in 0..<words.count where !validity[slot] { found[slot] = nullNumber }
    }
    return found.take()
  }
}
