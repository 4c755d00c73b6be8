internal import Diagnostics
package import JSONText
package import Operators
internal import Scalars
package import Wire

/// What `stream-window` has declared of the rows.
package struct WindowDeclaration: Sendable, Equatable {
  package var window: EventWindow
  /// Windows are those of the epoch's time; no column holds it.
  package var isProcessingTime: Bool

  package init(_ window: EventWindow, isProcessingTime: Bool = false) {
    self.window = window
    self.isProcessingTime = isProcessingTime
  }
}

extension Shape {
  /// The window that the rows are to be put in; nil when there is none, or none any more.
  ///
  /// - Throws: an internal error when the header holds what no stage of ours writes.
  package func declaration() throws -> WindowDeclaration? {
    guard let window else { return nil }
    guard let declaration = WindowDeclaration(window) else {
      throw StreamError(.data, "an unknown kind of window in the stream's header: \(window.text)")
    }
    return declaration
  }
}

extension WindowDeclaration {
  /// As the header holds it.
  package var json: JSON {
    var json: JSON = [:]
    switch window {
    case .aligned(let windows):
      switch windows.pattern {
      case .sliding(let size, let slide):
        json["kind"] = .string(size == slide ? "tumbling" : "sliding")
        json["size"] = .integer(size)
        if size != slide { json["slide"] = .integer(slide) }
      case .cumulating(let size, let step):
        json["kind"] = "cumulating"
        json["size"] = .integer(size)
        json["step"] = .integer(step)
      case .months(let count):
        json["kind"] = "months"
        json["size"] = .integer(count)
      }
      if windows.offset != 0 { json["offset"] = .integer(windows.offset) }
      if let region = windows.region { json["zone"] = .string(region.name) }
    case .session(.constant(let gap)):
      json["kind"] = "session"
      json["gap"] = .integer(gap)
    case .session(.expression(let text)):
      json["kind"] = "session"
      json["gap"] = .string(text)
    }
    if isProcessingTime { json["processingTime"] = true }
    return json
  }

  /// - Returns: nil when it is none.
  package init?(_ json: JSON) {
    guard let window = EventWindow(json) else { return nil }
    self.init(window, isProcessingTime: json["processingTime"]?.bool ?? false)
  }
}

extension EventWindow {
  fileprivate init?(_ json: JSON) {
    let size = json["size"]?.int64 ?? 0
    let pattern: AlignedWindows.Pattern
    switch json["kind"]?.string {
    case "tumbling": pattern = .sliding(size: size, slide: size)
    case "sliding": pattern = .sliding(size: size, slide: json["slide"]?.int64 ?? 0)
    case "cumulating": pattern = .cumulating(size: size, step: json["step"]?.int64 ?? 0)
    case "months": pattern = .months(size)
    case "session":
      guard let gap = SessionGap(json["gap"]) else { return nil }
      self = .session(gap)
      return
    default: return nil
    }
    var region: ZoneRules?
    if let name = json["zone"]?.string {
      guard case .region(let rules)? = try? TimeZone(named: name) else { return nil }
      region = rules
    }
    guard
      let windows = AlignedWindows(
        pattern, offset: json["offset"]?.int64 ?? 0, region: region)
    else { return nil }
    self = .aligned(windows)
  }
}

extension SessionGap {
  fileprivate init?(_ json: JSON?) {
    switch json {
    case .string(let text)?: self = .expression(text)
    case let json?:
      guard let gap = json.int64, (1...AlignedWindows.sizeMax).contains(gap) else { return nil }
      self = .constant(gap)
    case nil: return nil
    }
  }
}
