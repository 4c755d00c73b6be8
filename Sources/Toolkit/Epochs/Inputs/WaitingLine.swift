/// First come, first served; adding and taking cost the same however long it is.
struct WaitingLine<Element> {
  private var elements: [Element?] = []
  /// Those that were taken already are left in front, and cleared now and then.
  private var start = 0

  private static var clearedCountMin: Int { 64 }

  var isEmpty: Bool { start == elements.count }

  /// The one that came last.
  var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

  mutating func append(_ element: Element) { elements.append(element) }

  /// The one that came first.
  mutating func take() -> Element? {
    guard !isEmpty else { return nil }
    defer { leave(start) }
    return elements[start]
  }

  /// The first of those that are wanted.
  mutating func take(where isWanted: (Element) -> Bool) -> Element? {
    for index in start..<elements.count {
      guard let element = elements[index], isWanted(element) else { continue }
      leave(index)
      return element
    }
    return nil
  }

  private mutating func leave(_ index: Int) {
    guard index == start else {
      elements.remove(at: index)
      return
    }
    elements[index] = nil
    start += 1
    if start == elements.count {
      elements.removeAll(keepingCapacity: true)
      start = 0
    } else if start >= WaitingLine.clearedCountMin, start >= elements.count / 2 {
      elements.removeFirst(start)
      start = 0
    }
  }
}
