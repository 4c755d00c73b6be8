package import Columnar
package import Diagnostics
internal import Scalars

/// Guesses what records hold from the first of them.
///
/// Fields come in the order in which they turn up. Integers are `bigint` (beyond 64 bits
/// `decimal(38,0)`), with other numbers among them `double`; strings that all look like timestamps
/// or dates are such; where values are of several kinds, or all null, the type is `string`, which
/// holds any JSON text. Malformed records do not count.
///
/// - Parameters:
///   - sample: the beginning of the input; a record that it cuts off does not count.
///   - isWhole: whether the input ends where the sample does.
///   - recordsMax: how many records are looked at.
/// - Throws: a data error when there are records and none of them is well formed, or when they are
///   the elements of one array; its location is line and column.
package func inferJSONSchema(
  _ options: ReadOptions, sample: Buffer<UInt8>, isWhole: Bool,
  recordsMax: Int = inferenceRecordCount
) throws(StreamError) -> Schema {
  var text = MutableBuffer<UInt8>(capacity: sample.count + 1)
  text.append(contentsOf: sample[0..<(isWhole ? sample.count : prefixOfWholeLines(sample))].span)
  text.append(0x0A)
  let closed = text.take()
  defer { extendLifetime(closed) }
  var inference = JSONInference(try options.timestampPattern())
  var place = unsafe JSONCursor(closed.pointer)
  let end = place + closed.count
  var line = 0
  while end - place > 0, inference.recordCount < recordsMax {
    inference.look(at: place, line: line)
    place = place.lineEnd + 1
    line += 1
  }
  // The elements of an array that stand on lines of their own look like records, the last one and
  // those without a comma alone.
  if let failure = inference.failure, inference.recordCount == 0 || beginsAsArray(sample) {
    throw StreamError(
      .data, failure.message, location: "\(failure.line + 1):\(failure.column)",
      hint: jsonLayoutHint(sample))
  }
  return inference.schema
}

/// What was seen of the values that stand at one place of the records.
private final class JSONSeen {
  /// Of numbers, strings and booleans.
  private var scalar = DataType.void
  var hasArrays = false
  var hasObjects = false
  private var members: [(name: String, seen: JSONSeen)] = []
  private var positions: [String: Int] = [:]
  lazy var element: JSONSeen = JSONSeen()

  func see(_ type: DataType) { scalar = scalar.merged(with: type) }

  func member(_ name: String) -> JSONSeen {
    if let position = positions[name] { return members[position].seen }
    positions[name] = members.count
    members.append((name, JSONSeen()))
    return members[members.count - 1].seen
  }

  var fields: [Field] { members.map { Field($0.name, $0.seen.type) } }

  var type: DataType {
    switch (hasObjects, hasArrays, scalar) {
    case (false, false, .void): .string
    case (false, false, let type): type
    case (false, true, .void): .array(element.type)
    // An object that is always empty says nothing of its fields.
    case (true, false, .void): members.isEmpty ? .string : .structure(fields)
    default: .string
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
  /// How timestamps are written; nil for the usual forms.
  private let pattern: DateTimePattern?

  init(_ pattern: DateTimePattern?) { self.pattern = pattern }

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
      seen.see(.string)
      return scanner.skipValue(place, depth: 0)
    }
    switch place.byte {
    case UInt8(ascii: "{"):
      seen.hasObjects = true
      return seeMembers(place, seen, depth: depth)
    case UInt8(ascii: "["):
      seen.hasArrays = true
      return seeElements(place, seen, depth: depth)
    default:
      guard let end = scanner.skipValue(place, depth: 0) else { return nil }
      if !place.isNull { seen.see(type(of: place, to: end)) }
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

  private func type(of place: JSONCursor, to end: JSONCursor) -> DataType {
    switch place.byte {
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
    case UInt8(ascii: "\""): type(ofString: Array(place.unescaped.utf8))
    default: type(ofNumber: place.text(end - place))
    }
  }

  private func type(ofNumber text: String) -> DataType {
    if Int64(text) != nil { return .bigint }
    let digits = text.utf8.count { $0 != UInt8(ascii: "-") }
    let isInteger = text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || 0x30...0x39 ~= $0 }
    let longest = DataType.maxDecimalPrecision
    return isInteger && digits <= longest ? .decimal(precision: longest, scale: 0) : .double
  }

  private func type(ofString text: [UInt8]) -> DataType {
    if let pattern, (try? pattern.parseTimestamp(text.span)) != nil { return .timestamp }
    if looksLikeDate(text.span) { return .date }
    return pattern == nil && looksLikeTimestamp(text.span) ? .timestamp : .string
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

/// Whether the input is one array of objects.
private func beginsAsArray(_ sample: Buffer<UInt8>) -> Bool {
  let signs = sample.elements.lazy.filter { !(0x09...0x0D ~= $0 || $0 == 0x20) }.prefix(2)
  return Array(signs) == Array("[{".utf8)
}

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
