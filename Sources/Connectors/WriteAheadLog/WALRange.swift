internal import Diagnostics
internal import JSONText
internal import Scalars

/// Where the rows of an epoch stand in the write-ahead log.
struct WALRange: Sendable, Equatable {
  /// The name of the file.
  let segment: String
  /// In the file.
  let bytes: Range<Int64>
  /// Of the file's head, which says what the columns are, and of these bytes.
  let sum: String

  /// What the intent says; an epoch that took nothing in has an empty object.
  static let none: JSON = .object([])

  var json: JSON {
    [
      "segment": .string(segment), "from": .integer(bytes.lowerBound),
      "to": .integer(bytes.upperBound), "sum": .string(sum),
    ]
  }

  /// - Returns: nil where nothing was taken in.
  /// - Throws: an I/O error when it is no such thing.
  static func read(_ json: JSON) throws(StreamError) -> WALRange? {
    if json == none { return nil }
    guard let segment = json["segment"]?.string, SegmentName.number(of: segment) != nil,
      let from = json["from"]?.int64, let to = json["to"]?.int64, 0 <= from, from < to,
      let sum = json["sum"]?.string
    else {
      throw StreamError.damagedCheckpoint("this is no place in the write-ahead log: \(json.text)")
    }
    return WALRange(segment: segment, bytes: from..<to, sum: sum)
  }
}

/// The names of segments sort as their numbers: those of their first epochs, as a rule.
enum SegmentName {
  private static let ending = ".arrows"
  private static let digitCount = 19

  static func name(_ number: Int64) -> String {
    zeroPadded(number, to: digitCount) + ending
  }

  /// - Returns: nil for any other file.
  static func number(of name: String) -> Int64? {
    let digits = name.utf8.dropLast(ending.utf8.count)
    guard name.hasSuffix(ending), digits.count == digitCount,
      digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
    else { return nil }
    return Int64(String(Substring(digits)))
  }
}
