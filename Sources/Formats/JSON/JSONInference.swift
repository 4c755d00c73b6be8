package import Columnar
package import Diagnostics
internal import Scalars

/// Guesses what records hold from the first of them.
///
/// Fields come in the order in which they turn up. Integers are `bigint` (beyond 64 bits
/// `decimal(38,0)`), with other numbers among them `double`; strings that are all RFC 3339 are
/// `timestamp`, all dates `date`; where values are of several kinds, or all null, the type is
/// `string`, which holds any JSON text. Malformed records do not count.
///
/// - Parameters:
///   - sample: the beginning of the input; a record that it cuts off does not count.
///   - isWhole: whether the input ends where the sample does.
///   - rowsMax: how many records are looked at.
/// - Throws: a data error when there are records and none of them is well formed.
package func inferJSONSchema(
  from sample: Buffer<UInt8>, isWhole: Bool, rowsMax: Int = .max
) throws(StreamError) -> Schema {
  var text = MutableBuffer<UInt8>(capacity: sample.count + 1)
  text.append(contentsOf: sample.span)
  if isWhole { text.append(0x0A) }
  while text.count > 0, text[text.count - 1] != 0x0A { text.truncate(to: text.count - 1) }
  let closed = text.take()
  var inference = JSONInference()
  var place = unsafe JSONCursor(closed.pointer)
  let end = place + closed.count
  var line = 0
  while end - place > 0, inference.recordCount < rowsMax {
    inference.look(at: place, line: line)
    place = place.lineEnd + 1
    line += 1
  }
  extendLifetime(closed)
  if inference.recordCount == 0, let failure = inference.failure {
    throw StreamError(
      .data, failure.message, location: "\(failure.line + 1):\(failure.column)",
      hint: jsonLayoutHint(sample))
  }
  return inference.schema
}

/// What was seen of the values that stand at one place of the records.
private final class JSONSeen {
  struct Kinds: OptionSet {
    let rawValue: UInt16
    static let boolean = Kinds(rawValue: 1)
    static let integer = Kinds(rawValue: 2)
    /// Beyond 64 bits.
    static let longInteger = Kinds(rawValue: 4)
    static let double = Kinds(rawValue: 8)
    static let timestamp = Kinds(rawValue: 16)
    static let date = Kinds(rawValue: 32)
    static let string = Kinds(rawValue: 64)
    static let array = Kinds(rawValue: 128)
    static let object = Kinds(rawValue: 256)
  }

  var kinds: Kinds = []
  private(set) var members: [(name: String, seen: JSONSeen)] = []
  private var positions: [String: Int] = [:]
  lazy var element: JSONSeen = JSONSeen()

  func member(_ name: String) -> JSONSeen {
    if let position = positions[name] { return members[position].seen }
    positions[name] = members.count
    members.append((name, JSONSeen()))
    return members[members.count - 1].seen
  }

  var fields: [Field] { members.map { Field($0.name, $0.seen.type) } }

  var type: DataType {
    switch kinds {
    case .boolean: return .boolean
    case .integer: return .bigint
    case .longInteger, [.integer, .longInteger]:
      return .decimal(precision: DataType.maxDecimalPrecision, scale: 0)
    case .date: return .date
    case .timestamp, [.timestamp, .date]: return .timestamp
    case .array: return .array(element.type)
    // An object that is always empty says nothing of its fields.
    case .object: return members.isEmpty ? .string : .structure(fields)
    default:
      return kinds.isSubset(of: [.integer, .longInteger, .double]) && !kinds.isEmpty
        ? .double : .string
    }
  }
}

private struct JSONInference: ~Copyable {
  /// Deeper values stay JSON text.
  static let depthMax = 32

  private let root = JSONSeen()
  private(set) var recordCount = 0
  private(set) var failure: (line: Int, column: Int, message: String)?
  private var scanner = JSONScanner()

  init() {}

  var schema: Schema { Schema(root.fields) }

  /// - Parameter line: its first byte.
  mutating func look(at line: JSONCursor, line number: Int) {
    let record = line.pastMargin
    if record.byte == 0x0A { return }
    if record.byte != UInt8(ascii: "{") {
      _ = scanner.fail(.expectedObject, at: record)
    } else if let end = scanner.skipValue(record, depth: 0) {
      if end.pastSpaces.byte == 0x0A {
        _ = see(record, root, depth: 0)
        recordCount += 1
        return
      }
      _ = scanner.fail(.trailing, at: end.pastSpaces)
    }
    guard failure == nil, let place = scanner.faultPlace else { return }
    failure = (number, place - line + 1, scanner.fault.message(at: place, plan: nil))
  }

  /// Looks at a value that is known to be well formed.
  ///
  /// - Returns: the place behind it.
  private mutating func see(_ place: JSONCursor, _ seen: JSONSeen, depth: Int) -> JSONCursor? {
    guard depth < JSONInference.depthMax else {
      seen.kinds.insert(.string)
      return scanner.skipValue(place, depth: 0)
    }
    switch place.byte {
    case UInt8(ascii: "{"):
      seen.kinds.insert(.object)
      return seeMembers(place, seen, depth: depth)
    case UInt8(ascii: "["):
      seen.kinds.insert(.array)
      return seeElements(place, seen, depth: depth)
    default:
      guard let end = scanner.skipValue(place, depth: 0) else { return nil }
      if !place.isNull { seen.kinds.insert(kind(of: place, to: end)) }
      return end
    }
  }

  private mutating func seeMembers(
    _ start: JSONCursor, _ seen: JSONSeen, depth: Int
  ) -> JSONCursor? {
    var place = (start + 1).pastSpaces
    while place.byte == UInt8(ascii: "\"") {
      guard let keyEnd = scanner.skipString(place), let value = scanner.skipColon(keyEnd),
        let end = see(value, seen.member(place.unescaped), depth: depth + 1)
      else { return nil }
      place = end.pastSpaces
      if place.byte == UInt8(ascii: ",") { place = (place + 1).pastSpaces }
    }
    return place + 1
  }

  private mutating func seeElements(
    _ start: JSONCursor, _ seen: JSONSeen, depth: Int
  ) -> JSONCursor? {
    var place = (start + 1).pastSpaces
    while place.byte != UInt8(ascii: "]") {
      guard let end = see(place, seen.element, depth: depth + 1) else { return nil }
      place = end.pastSpaces
      if place.byte == UInt8(ascii: ",") { place = (place + 1).pastSpaces }
    }
    return place + 1
  }

  private func kind(of place: JSONCursor, to end: JSONCursor) -> JSONSeen.Kinds {
    switch place.byte {
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
    case UInt8(ascii: "\""): kind(ofString: Array(place.unescaped.utf8))
    default: kind(ofNumber: place.text(end - place))
    }
  }

  private func kind(ofNumber text: String) -> JSONSeen.Kinds {
    if Int64(text) != nil { return .integer }
    let digits = text.utf8.count { $0 != UInt8(ascii: "-") }
    let isInteger = text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || 0x30...0x39 ~= $0 }
    return isInteger && digits <= DataType.maxDecimalPrecision ? .longInteger : .double
  }

  private func kind(ofString text: [UInt8]) -> JSONSeen.Kinds {
    if text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      (try? parseDate(text.span)) != nil
    {
      return .date
    }
    var parser = TimestampParser()
    return (try? parser.parseRFC3339(text.span)) != nil ? .timestamp : .string
  }
}

extension JSONCursor {
  /// The text of the string that stands here, which is known to be well formed.
  fileprivate var unescaped: String {
    var bytes = MutableBuffer<UInt8>()
    var scanner = JSONScanner()
    _ = scanner.copyString(self + 1, into: &bytes)
    return String(decoding: bytes.take().elements, as: UTF8.self)
  }
}

// MARK: - Layout

/// What to put in front of `stream-source` when the input is JSON, but not one object a line: one
/// array, or objects over several lines.
///
/// - Parameters:
///   - sample: the beginning of the input.
///   - path: the input's file; nil for standard input.
/// - Returns: a command; nil when nothing of that kind is the matter.
package func jsonLayoutHint(_ sample: Buffer<UInt8>, path: String? = nil) -> String? {
  var text = MutableBuffer<UInt8>(capacity: sample.count + 1)
  text.append(contentsOf: sample.span)
  text.append(0x0A)
  let closed = text.take()
  defer { extendLifetime(closed) }
  var place = unsafe JSONCursor(closed.pointer)
  let end = place + closed.count
  place = place.pastMargin
  while end - place > 1, place.byte == 0x0A { place = (place + 1).pastSpaces }
  let file = path.map { " '\($0)'" } ?? ""
  func command(_ filter: String) -> String {
    "jq -c \(filter)\(file) | stream-source --format json"
  }
  if place.byte == UInt8(ascii: "[") { return command("'.[]'") }
  guard place.byte == UInt8(ascii: "{") else { return nil }
  var scanner = JSONScanner()
  if let next = scanner.skipValue(place, depth: 0)?.pastSpaces {
    // Several objects in a line.
    return next.byte == UInt8(ascii: "{") ? command(".") : nil
  }
  guard let fault = scanner.faultPlace, fault.byte == 0x0A, end - fault > 1 else { return nil }
  return command(".")
}
