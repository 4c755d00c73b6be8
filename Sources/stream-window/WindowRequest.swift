import Diagnostics
import Expressions
import Operators
import Scalars
import Toolkit

/// The options of a window, read; what depends on the input is checked when it is known.
struct WindowRequest {
  let time: Expression?
  let isProcessingTime: Bool
  let window: EventWindow?
  /// In µs.
  let delay: Int64?
  let idle: Int64?
  let late: LatePolicy?
  let explodes: Bool

  init(_ tool: WindowTool) throws {
    time = try tool.time.map { try Expression.parse($0.text) }
    isProcessingTime = tool.processingTime
    window = try WindowRequest.window(tool)
    delay = try tool.watermark.map { try WindowRequest.notNegative($0, option: "--watermark") }
    idle = try tool.idle.map { try WindowRequest.notNegative($0, option: "--idle") }
    late = try tool.late.map { try LatePolicy($0.text) }
    explodes = tool.explode
    try refuseContradictions()
  }

  private func refuseContradictions() throws {
    if isProcessingTime {
      let foreign = [
        ("--time", time != nil), ("--watermark", delay != nil), ("--idle", idle != nil),
        ("--late", late != nil),
      ].first { $0.1 }
      if let foreign {
        throw StreamError(.usage, "\(foreign.0) and --processing-time exclude each other")
      }
      guard window != nil else {
        throw StreamError(
          .usage, "--processing-time goes with a window", hint: "--processing-time --size 1m")
      }
    }
    if delay != nil, time == nil, !isProcessingTime {
      throw StreamError(
        .usage, "--watermark goes with --time: the watermark follows the event time")
    }
    if idle != nil, delay == nil {
      throw StreamError(
        .usage, "--idle goes with --watermark: it moves the watermark when no rows come")
    }
    if explodes {
      guard case .aligned? = window else {
        throw StreamError(
          .usage,
          window == nil
            ? "--explode goes with --size"
            : "--explode: where a session ends is not known before its last row",
          hint: window == nil ? "--explode --size 10m" : "leave --explode to windows of --size")
      }
    }
  }

  private static func notNegative(
    _ text: ArgumentText, option: String
  ) throws(StreamError) -> Int64 {
    let duration = try parseDuration(text.text, option: option)
    guard duration >= 0 else {
      throw StreamError(.usage, "\(option): '\(text.text)' is negative")
    }
    guard duration <= AlignedWindows.sizeMax else {
      throw StreamError(.usage, "\(option): '\(text.text)' is too long")
    }
    return duration
  }
}

// MARK: - Windows

extension WindowRequest {
  private static func window(_ tool: WindowTool) throws -> EventWindow? {
    if let size = tool.size {
      guard tool.session == nil else {
        throw StreamError(.usage, "--session and --size exclude each other")
      }
      return .aligned(try aligned(tool, size.text))
    }
    let parts = [
      ("--slide", tool.slide), ("--offset", tool.offset), ("--emit-every", tool.emitEvery),
      ("--timezone", tool.timezone),
    ]
    if let part = parts.first(where: { $0.1 != nil }) {
      throw StreamError(
        .usage, "\(part.0) goes with --size", hint: "--size 1h \(part.0) \(part.1?.text ?? "")")
    }
    return try tool.session.map { .session(try gap($0.text)) }
  }

  private static func aligned(_ tool: WindowTool, _ text: String) throws -> AlignedWindows {
    let offset = try tool.offset.map { try parseDuration($0.text, option: "--offset") } ?? 0
    guard offset.magnitude < AlignedWindows.sizeMax.magnitude / 2 else {
      throw StreamError(.usage, "--offset: '\(tool.offset?.text ?? "")' is too long")
    }
    let pattern = try pattern(tool, text)
    let zone = try tool.timezone.map { try WindowZone($0.text, pattern) }
    // Midnight east of Greenwich is earlier.
    guard
      let windows = AlignedWindows(
        pattern, offset: offset - (zone?.offset ?? 0), region: zone?.region)
    else {
      throw StreamError(
        .usage, fineness(tool, text),
        hint: tool.slide == nil && tool.emitEvery == nil
          ? nil : "choose one that the size is a small multiple of")
    }
    return windows
  }

  private static func fineness(_ tool: WindowTool, _ text: String) -> String {
    guard let part = tool.slide ?? tool.emitEvery else { return "--size: '\(text)' is too long" }
    let option = tool.slide == nil ? "--emit-every" : "--slide"
    return "\(option) \(part.text) cuts windows of \(text) into more than "
      + "\(grouped(Int64(AlignedWindows.panesMax))) parts"
  }

  private static func pattern(
    _ tool: WindowTool, _ text: String
  ) throws -> AlignedWindows.Pattern {
    if tool.slide != nil, tool.emitEvery != nil {
      throw StreamError(.usage, "--slide and --emit-every exclude each other")
    }
    switch try WindowSize(text) {
    case .months(let count):
      if let option = tool.slide.map({ _ in "--slide" })
        ?? tool.emitEvery.map({ _ in "--emit-every" })
      {
        throw StreamError(
          .usage, "\(option) does not go with windows of calendar months",
          hint: "say the size in days: --size 30d")
      }
      return .months(count)
    case .fixed(let size):
      if let slide = tool.slide { return try sliding(size, text, slide.text) }
      if let step = tool.emitEvery { return try cumulating(size, text, step.text) }
      return .sliding(size: size, slide: size)
    }
  }

  private static func sliding(
    _ size: Int64, _ text: String, _ slideText: String
  ) throws -> AlignedWindows.Pattern {
    let slide = try WindowSize.positive(slideText, option: "--slide")
    guard slide <= size else {
      throw StreamError(
        .usage,
        "--slide \(slideText) is longer than --size \(text): some rows would be in no window",
        hint: "--size \(slideText) --slide \(text)")
    }
    return .sliding(size: size, slide: slide)
  }

  private static func cumulating(
    _ size: Int64, _ text: String, _ stepText: String
  ) throws -> AlignedWindows.Pattern {
    let step = try WindowSize.positive(stepText, option: "--emit-every")
    guard size % step == 0 else {
      throw StreamError(
        .usage, "--size \(text) is no multiple of --emit-every \(stepText)",
        hint: "such as --size \(durationText(step * max(1, size / step)))")
    }
    return .cumulating(size: size, step: step)
  }

  /// A duration, or an expression for one.
  private static func gap(_ text: String) throws -> SessionGap {
    let first = text.first { $0 != " " }
    if let first, first.isNumber || first == "-" && text.dropFirst().first?.isNumber == true {
      return .constant(try WindowSize.positive(text, option: "--session"))
    }
    return .expression(try Expression.parse(text).source)
  }
}
