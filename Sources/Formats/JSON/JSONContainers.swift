internal import Columnar

extension JSONBlockReader {
  @unsafe
  mutating func readMembers(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "{") else { return unsafe refuse(node, place, depth: depth) }
    return unsafe readObject(node, place, depth: depth)
  }

  /// Reads one value as often as it is wanted.
  @unsafe
  mutating func readFork(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    var end: JSONCursor?
    let count = unsafe node.pointee.childCount
    for child in 0..<count {
      end = unsafe readValue(node.pointee.children + child, place, depth: depth)
      if end == nil { return nil }
    }
    unsafe node.pointee.closeMembers(given: count)
    return end
  }

  @unsafe
  mutating func readList(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "[") else { return unsafe refuse(node, place, depth: depth) }
    guard depth < JSONFault.depthMax else { return scanner.fail(.tooDeep, at: place) }
    var next: JSONCursor? = (place + 1).pastSpaces
    if next?.byte == UInt8(ascii: "]") {
      unsafe node.pointee.closeList()
      return place.pastEmpty
    }
    while let value = next {
      let end = unsafe readValue(node.pointee.children, value, depth: depth + 1)
      guard let end else { return nil }
      if let close = closing(end, &next) {
        unsafe node.pointee.closeList()
        return close
      }
    }
    return nil
  }

  /// Reads the elements that are wanted of an array.
  @unsafe
  mutating func readElements(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "[") else { return unsafe refuse(node, place, depth: depth) }
    guard depth < JSONFault.depthMax else { return scanner.fail(.tooDeep, at: place) }
    var next: JSONCursor? = (place + 1).pastSpaces
    var given = 0
    if next?.byte == UInt8(ascii: "]") {
      unsafe node.pointee.closeMembers(given: given)
      return place.pastEmpty
    }
    var position = 0
    while let value = next {
      let end: JSONCursor?
      if let child = unsafe node.pointee.positions.firstIndex(of: position) {
        end = unsafe readValue(node.pointee.children + child, value, depth: depth + 1)
        given += 1
      } else {
        end = scanner.skipValue(value, depth: depth + 1)
      }
      guard let end else { return nil }
      position += 1
      if let close = closing(end, &next) {
        unsafe node.pointee.closeMembers(given: given)
        return close
      }
    }
    return nil
  }

  /// Goes on behind an element.
  ///
  /// - Parameter next: becomes the next element; nil where the array ends or is malformed.
  /// - Returns: the place behind the closing bracket, if it stands here.
  @inline(__always)
  private mutating func closing(_ end: JSONCursor, _ next: inout JSONCursor?) -> JSONCursor? {
    let place = end.pastSpaces
    if place.byte == UInt8(ascii: ",") {
      next = (place + 1).pastSpaces
      return nil
    }
    next = nil
    if place.byte == UInt8(ascii: "]") { return place + 1 }
    return scanner.fail(.expectedCommaOrBracket, at: place)
  }
}

// MARK: - Maps

extension JSONBlockReader {
  @unsafe
  mutating func readMap(
    _ node: UnsafeMutablePointer<JSONNode>, _ place: JSONCursor, depth: Int
  ) -> JSONCursor? {
    guard place.byte == UInt8(ascii: "{") else { return unsafe refuse(node, place, depth: depth) }
    guard depth < JSONFault.depthMax else { return scanner.fail(.tooDeep, at: place) }
    let start = unsafe node.pointee.elementStart
    guard let end = unsafe readEntries(node, place, depth: depth) else { return nil }
    if unsafe hasEqualKeys(node, from: start) {
      unsafe node.pointee.truncate(to: node.pointee.count)
      unsafe readLastEntries(node, place, depth: depth)
    }
    unsafe node.pointee.closeList()
    return end
  }

  /// Appends all entries of an object to the keys and values of a map.
  @unsafe
  private mutating func readEntries(
    _ node: UnsafeMutablePointer<JSONNode>, _ start: JSONCursor, depth: Int
  ) -> JSONCursor? {
    let (keys, values) = unsafe (node.pointee.children, node.pointee.children + 1)
    var place = (start + 1).pastSpaces
    if place.byte == UInt8(ascii: "}") { return place + 1 }
    while true {
      guard place.byte == UInt8(ascii: "\"") else {
        let isFirst = unsafe keys.pointee.count == node.pointee.elementStart
        return scanner.fail(isFirst ? .expectedKeyOrEnd : .expectedKey, at: place)
      }
      guard let keyEnd = unsafe readText(keys, place, depth: depth + 1),
        let value = scanner.skipColon(keyEnd),
        let end = unsafe readValue(values, value, depth: depth + 1)
      else { return nil }
      place = end.pastSpaces
      if place.byte == UInt8(ascii: "}") { return place + 1 }
      guard place.byte == UInt8(ascii: ",") else {
        return scanner.fail(.expectedCommaOrBrace, at: place)
      }
      place = (place + 1).pastSpaces
    }
  }

  /// - Parameter start: the first key of the map that was read last.
  @unsafe
  private func hasEqualKeys(_ node: UnsafeMutablePointer<JSONNode>, from start: Int) -> Bool {
    let keys = unsafe node.pointee.children
    let end = unsafe keys.pointee.count
    if end - start > 16 { return unsafe distinctKeys(keys, start..<end) < end - start }
    for right in start..<end {
      for left in start..<right where unsafe keys.pointee.haveEqualBytes(left, right) {
        return true
      }
    }
    return false
  }

  @unsafe
  private func distinctKeys(_ keys: UnsafeMutablePointer<JSONNode>, _ range: Range<Int>) -> Int {
    Set(range.map { unsafe keys.pointee.stringBytes($0) }).count
  }

  /// Reads the entries of an object with equal keys again: each key once, where it first stands,
  /// with its last value.
  @unsafe
  private mutating func readLastEntries(
    _ node: UnsafeMutablePointer<JSONNode>, _ start: JSONCursor, depth: Int
  ) {
    var order: [(key: JSONCursor, value: JSONCursor)] = []
    var places: [[UInt8]: Int] = [:]
    var place = (start + 1).pastSpaces
    while place.byte == UInt8(ascii: "\"") {
      guard let key = readString(place), let value = scanner.skipColon(key.next) else { return }
      let text = unsafe Array(UnsafeBufferPointer(start: key.start.pointer, count: key.count))
      if let known = places[text] {
        order[known].value = value
      } else {
        places[text] = order.count
        order.append((place, value))
      }
      guard let end = scanner.skipValue(value, depth: depth + 1) else { return }
      place = end.pastSpaces
      if place.byte == UInt8(ascii: ",") { place = (place + 1).pastSpaces }
    }
    for entry in order {
      _ = unsafe readText(node.pointee.children, entry.key, depth: depth + 1)
      _ = unsafe readValue(node.pointee.children + 1, entry.value, depth: depth + 1)
    }
  }
}

extension JSONCursor {
  /// Behind the bracket that closes the empty container that begins here.
  fileprivate var pastEmpty: JSONCursor { (self + 1).pastSpaces + 1 }
}
