internal import Columnar
internal import Scalars

/// Reads the records of one block into the nodes of a plan.
@safe
struct JSONBlockReader: ~Copyable {
  let plan: JSONPlan
  let options: JSONOptions
  // SAFETY: one initialised node for each of the plan's, freed with this value.
  @unsafe let nodes: UnsafeMutablePointer<JSONNode>
  var scanner = JSONScanner()
  /// What a long string stands for; overwritten by the next one.
  var unescaped = MutableBuffer<UInt8>()
  /// The first value of the record that is not of its type.
  var mismatch: (node: Int, place: JSONCursor)?
  /// Fields that the schema does not know, as paths.
  private(set) var newFields: Set<String> = []
  private static let newFieldsMax = 1000

  init(_ plan: JSONPlan, _ options: JSONOptions) {
    self.plan = plan
    self.options = options
    unsafe nodes = .allocate(capacity: plan.nodes.count)
    let timestamps = TimestampParser(zone: options.zone)
    for (index, node) in plan.nodes.enumerated() {
      unsafe (nodes + index).initialize(
        to: JSONNode(node, index: index, siblings: nodes, timestamps: timestamps))
    }
  }

  deinit {
    unsafe nodes.deinitialize(count: plan.nodes.count)
    unsafe nodes.deallocate()
  }
}

/// A string's text: in the block, or a copy without escapes.
struct JSONString {
  let start: JSONCursor
  let count: Int
  /// Behind the closing quote.
  let next: JSONCursor
}

// MARK: - Objects

extension JSONBlockReader {
  /// Reads an object into a node of columns or of members.
  ///
  /// - Parameters:
  ///   - start: the opening brace.
  ///   - depth: how many objects and arrays it stands in.
  /// - Returns: the place behind the closing brace.
  @unsafe
  mutating func readObject(
    _ node: UnsafeMutablePointer<JSONNode>, _ start: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard depth < JSONFault.depthMax else { return scanner.fail(.tooDeep, at: start) }
    var place = (start + 1).pastSpaces
    var given = 0
    if place.byte == UInt8(ascii: "}") {
      unsafe node.pointee.closeMembers(given: 0)
      return place + 1
    }
    let row = unsafe node.pointee.count
    var slot = 0
    while true {
      let child: Int
      let keyEnd: JSONCursor
      if let known = unsafe node.pointee.keys.match(place, slot: slot) {
        (child, keyEnd) = known
        slot &+= 1
      } else {
        guard let found = unsafe findKey(node, place, &slot) else { return nil }
        (child, keyEnd) = found
      }
      guard let value = scanner.skipColon(keyEnd) else { return nil }
      let end: JSONCursor?
      if child < 0 {
        if options.refusesNewFields, let fault = unsafe newField(node, place) {
          return scanner.fail(fault, at: place)
        }
        end = scanner.skipValue(value, depth: depth + 1)
      } else {
        let target = unsafe node.pointee.children + child
        // Of equal keys the last counts.
        if unsafe target.pointee.count > row {
          unsafe target.pointee.truncate(to: row)
        } else {
          given &+= 1
        }
        end = unsafe readValue(target, value, depth: depth + 1)
      }
      guard let end else { return nil }
      place = end.byte > 0x20 ? end : end.pastSpaces
      if place.byte == UInt8(ascii: ",") {
        place = (place + 1).pastSpaces
      } else if place.byte == UInt8(ascii: "}") {
        unsafe node.pointee.closeMembers(given: given)
        return place + 1
      } else {
        return scanner.fail(.expectedCommaOrBrace, at: place)
      }
    }
  }

  /// Reads a key that is not the expected one, and expects it from now on.
  @unsafe @inline(never)
  private mutating func findKey(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, _ slot: inout Int
  ) -> (child: Int, end: JSONCursor)? {
    if place.byte == UInt8(ascii: "\""),
      let other = unsafe node.pointee.keys.slot(of: place, behind: slot)
    {
      slot = other + 1
      return unsafe node.pointee.keys.match(place, slot: other)
    }
    guard place.byte == UInt8(ascii: "\"") else {
      _ = scanner.fail(slot == 0 ? .expectedKeyOrEnd : .expectedKey, at: place)
      return nil
    }
    guard let key = readString(place) else { return nil }
    let index = unsafe node.pointee.index
    let child = plan.child(of: index, named: key.start, count: key.count)
    let isKept = unsafe node.pointee.keys.learn(
      place, length: key.next - place, child: child, slot: slot)
    if child < 0, isKept { noteNewField(key, in: index) }
    slot += 1
    return (child, key.next)
  }

  /// Whether a key is of a field that the schema does not know.
  @unsafe @inline(never)
  private mutating func newField(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor
  ) -> JSONFault? {
    guard let key = readString(place) else { return nil }
    let name = unsafe String(
      decoding: UnsafeBufferPointer(start: key.start.pointer, count: key.count), as: UTF8.self)
    let index = unsafe node.pointee.index
    return plan.isNew(name, in: index) ? .newField(node: index) : nil
  }

  private mutating func noteNewField(_ key: JSONString, in node: Int) {
    let name = unsafe String(
      decoding: UnsafeBufferPointer(start: key.start.pointer, count: key.count), as: UTF8.self)
    guard plan.isNew(name, in: node) else { return }
    let label = plan.nodes[node].label
    if newFields.count < JSONBlockReader.newFieldsMax {
      newFields.insert(label.isEmpty ? name : "\(label).\(name)")
    }
  }

  /// - Parameter quote: the quote that opens a string.
  @inline(__always)
  mutating func readString(_ quote: JSONCursor) -> JSONString? {
    let start = quote + 1
    let stops = start.stops
    if stops != 0 {
      let length = stops.trailingZeroBitCount
      if start[length] == UInt8(ascii: "\"") {
        return JSONString(start: start, count: length, next: start + (length + 1))
      }
    }
    return readLongString(start)
  }

  @inline(never)
  private mutating func readLongString(_ start: JSONCursor) -> JSONString? {
    unescaped.removeAll()
    guard let end = scanner.copyString(start, into: &unescaped) else { return nil }
    let text = unsafe JSONCursor(UnsafePointer(unescaped.pointer))
    return JSONString(start: text, count: unescaped.count, next: end + 1)
  }
}

// MARK: - Values

extension JSONBlockReader {
  /// Reads a value into a node.
  ///
  /// - Returns: the place behind the value.
  @unsafe @inline(__always)
  mutating func readValue(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    switch unsafe node.pointee.kind {
    case .string: unsafe readText(node, place, depth: depth)
    case .bigint: unsafe readBigint(node, place, depth: depth)
    default: unsafe readOther(node, place, depth: depth)
    }
  }

  @unsafe @inline(never)
  private mutating func readOther(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    switch unsafe node.pointee.kind {
    case .string: unsafe readText(node, place, depth: depth)
    case .bigint: unsafe readBigint(node, place, depth: depth)
    case .timestamp: unsafe readTimestamp(node, place, depth: depth)
    case .double: unsafe readDouble(node, place, depth: depth)
    case .boolean: unsafe readBoolean(node, place, depth: depth)
    case .integer: unsafe readInteger(node, place, depth: depth)
    case .float: unsafe readFloat(node, place, depth: depth)
    case .decimal: unsafe readDecimal(node, place, depth: depth)
    case .date: unsafe readDate(node, place, depth: depth)
    case .binary: unsafe readBinary(node, place, depth: depth)
    case .text: unsafe readValueText(node, place, depth: depth)
    case .void: unsafe refuse(node, place, depth: depth)
    case .structure, .members: unsafe readMembers(node, place, depth: depth)
    case .list: unsafe readList(node, place, depth: depth)
    case .map: unsafe readMap(node, place, depth: depth)
    case .elements: unsafe readElements(node, place, depth: depth)
    case .fork: unsafe readFork(node, place, depth: depth)
    }
  }

  /// Null for a null. Of any other value, which the type cannot hold, the record is malformed, but
  /// reading goes on: behind it the text may be malformed too, and with a corrupt column the other
  /// values count.
  @unsafe @inline(never)
  mutating func refuse(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    let end = scanner.skipValue(place, depth: depth)
    if end != nil {
      if !place.isNull, mismatch == nil { mismatch = unsafe (node.pointee.index, place) }
      unsafe node.pointee.appendNull()
    }
    return end
  }
}
