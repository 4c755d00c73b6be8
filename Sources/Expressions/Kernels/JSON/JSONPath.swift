import Columnar

/// A path into JSON such as `$.items[0].price` or `$['a b'][*]`.
struct JSONPath: Sendable {
  enum Step: Sendable, Equatable {
    case member([UInt8])
    case element(Int)
    case allElements
    /// `.*`, which the reference reads and finds nothing for.
    case allMembers
  }

  let steps: [Step]

  /// - Returns: nil when the text is no path.
  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard rest.popFirst() == UInt8(ascii: "$") else { return nil }
    var steps: [Step] = []
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: ".") {
        if rest.first == UInt8(ascii: "*") {
          rest.removeFirst()
          steps.append(.allMembers)
          continue
        }
        let name = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
        guard !name.isEmpty else { return nil }
        rest = rest.dropFirst(name.count)
        steps.append(.member(Array(name)))
      } else if byte == UInt8(ascii: "[") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        if rest.first == UInt8(ascii: "'") {
          guard let step = JSONPath.quoted(&rest) else { return nil }
          steps.append(step)
          continue
        }
        let index = rest[..<end]
        rest = rest[(end + 1)...]
        if index.elementsEqual([UInt8(ascii: "*")]) {
          steps.append(.allElements)
        } else if !index.isEmpty, index.allSatisfy({ $0 &- 0x30 <= 9 }),
          let number = Int(String(decoding: index, as: UTF8.self))
        {
          steps.append(.element(number))
        } else {
          return nil
        }
      } else {
        return nil
      }
    }
    self.steps = steps
  }

  /// `'name']`.
  private static func quoted(_ rest: inout ArraySlice<UInt8>) -> Step? {
    rest.removeFirst()
    let name = rest.prefix { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "?") }
    rest = rest.dropFirst(name.count)
    guard !name.isEmpty, rest.starts(with: [UInt8(ascii: "'"), UInt8(ascii: "]")]) else {
      return nil
    }
    rest = rest.dropFirst(2)
    return name.elementsEqual([UInt8(ascii: "*")]) ? .allMembers : .member(Array(name))
  }
}

/// Looks for what a path leads to.
struct JSONPathSearch {
  private enum Style {
    /// A string is its own text.
    case raw
    case quoted
    /// The elements of arrays in place of arrays.
    case flattened
  }

  private let tape: JSONTape
  private let steps: [JSONPath.Step]

  init(_ tape: JSONTape, _ path: JSONPath) {
    self.tape = tape
    steps = path.steps
  }

  /// Appends what is found; false when nothing is.
  func run(_ text: Span<UInt8>, to output: inout MutableBuffer<UInt8>) -> Bool {
    var isFirst = true
    return search(0, 0, .raw, text, to: &output, &isFirst)
  }

  /// - Parameter isFirst: whether nothing stands before in the array that is being written.
  private func search(
    _ index: Int, _ step: Int, _ style: Style, _ text: Span<UInt8>,
    to output: inout MutableBuffer<UInt8>,
    _ isFirst: inout Bool
  ) -> Bool {
    let element = tape.elements[index]
    guard step < steps.count else {
      return write(index, step, style, text, to: &output, &isFirst)
    }
    switch (element.kind, steps[step]) {
    case (.object, .member(let name)):
      var child = index + 1
      while child < Int(element.next) {
        let value = child + 1
        if tape.isText(tape.elements[child], name, text), tape.elements[value].kind != .null {
          if search(value, step + 1, style, text, to: &output, &isFirst) { return true }
        }
        child = Int(tape.elements[value].next)
      }
      return false
    case (.array, .element(let wanted)):
      guard let child = self.child(wanted, of: index) else { return false }
      let isQuoted = step + 1 < steps.count && steps[step + 1] == .allElements
      return search(child, step + 1, isQuoted ? .quoted : style, text, to: &output, &isFirst)
    case (.array, .allElements):
      return searchAll(of: index, step, style, text, to: &output, &isFirst)
    default: return false
    }
  }

  private func child(_ wanted: Int, of array: Int) -> Int? {
    var (child, place) = (array + 1, 0)
    while child < Int(tape.elements[array].next) {
      if place == wanted { return child }
      child = Int(tape.elements[child].next)
      place += 1
    }
    return nil
  }

  private func searchAll(
    of index: Int, _ step: Int, _ style: Style, _ text: Span<UInt8>,
    to output: inout MutableBuffer<UInt8>, _ isFirst: inout Bool
  ) -> Bool {
    let flattens = step + 1 < steps.count && steps[step + 1] == .allElements
    let inner: Style = flattens || style == .flattened ? .flattened : .quoted
    var list = MutableBuffer<UInt8>()
    var count = 0
    var isFirstOfList = true
    var child = index + 1
    while child < Int(tape.elements[index].next) {
      if search(child, step + (flattens ? 2 : 1), inner, text, to: &list, &isFirstOfList) {
        count += 1
      }
      child = Int(tape.elements[child].next)
    }
    guard count > 0 else {
      // An array in an array is there even when nothing is in it.
      if style != .raw || flattens {
        writeList(MutableBuffer(), isBare: false, to: &output, &isFirst)
      }
      return false
    }
    // A single result needs no array around it, unless it is one of several.
    writeList(list, isBare: count == 1 && style != .quoted && !flattens, to: &output, &isFirst)
    return true
  }

  private func writeList(
    _ list: consuming MutableBuffer<UInt8>, isBare: Bool, to output: inout MutableBuffer<UInt8>,
    _ isFirst: inout Bool
  ) {
    separate(to: &output, &isFirst)
    if !isBare { output.append(0x5B) }
    output.append(contentsOf: list.take().span)
    if !isBare { output.append(0x5D) }
  }

  private func separate(to output: inout MutableBuffer<UInt8>, _ isFirst: inout Bool) {
    if !isFirst { output.append(0x2C) }
    isFirst = false
  }

  private func write(
    _ index: Int, _ step: Int, _ style: Style, _ text: Span<UInt8>,
    to output: inout MutableBuffer<UInt8>,
    _ isFirst: inout Bool
  ) -> Bool {
    let element = tape.elements[index]
    switch (style, element.kind) {
    case (.raw, .string):
      tape.appendText(of: element, text, to: &output)
      return true
    case (.flattened, .array):
      var hasAny = false
      var child = index + 1
      while child < Int(element.next) {
        if write(child, step, style, text, to: &output, &isFirst) { hasAny = true }
        child = Int(tape.elements[child].next)
      }
      return hasAny
    default:
      separate(to: &output, &isFirst)
      tape.append(valueAt: index, text, to: &output)
      return true
    }
  }
}
