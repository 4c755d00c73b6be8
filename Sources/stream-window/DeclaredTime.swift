import Columnar
import Diagnostics
import Expressions
import JSONText
import Operators
import Toolkit
import Wire

/// The options of a window, checked against what comes in.
struct DeclaredTime {
  let operation: EventTime
  /// What the rows mean behind this stage.
  let shape: Shape

  private let request: WindowRequest
  private let header: Header
  private let schema: Schema

  /// - Throws: a usage error for what does not go together.
  init(_ request: WindowRequest, _ header: Header, _ schema: Schema) throws {
    (self.request, self.header, self.schema) = (request, header, schema)
    try header.refuseChangingRows(for: "a window")
    let column = try DeclaredTime.column(request, header, schema)
    try DeclaredTime.refuseOtherWatermark(request, column?.name, header)
    try DeclaredTime.checkLate(request, header)
    try DeclaredTime.refuseLostTime(request, column?.name)

    var plan = EventTimePlan(column?.origin ?? .epoch)
    plan.delay = request.isProcessingTime ? 0 : request.delay
    plan.idle = request.idle
    plan.needsTime = request.window != nil && !request.isProcessingTime
    if request.explodes, case .aligned(let windows)? = request.window { plan.explosion = windows }
    operation = try EventTime(plan, input: schema)
    let window = try DeclaredTime.folded(request.window, operation.output)
    shape = DeclaredTime.shape(
      request, header, window: window, time: column, delay: plan.delay, operation.output)
  }

  private static func column(
    _ request: WindowRequest, _ header: Header, _ schema: Schema
  ) throws -> TimeColumn? {
    if request.isProcessingTime { return nil }
    guard let time = request.time else {
      throw StreamError(
        .usage, "expected --time: which column says when a row's event was?",
        hint: schema.timeAdvice(header))
    }
    return try TimeColumn(time, header, schema)
  }

  /// The stage before that declared a watermark.
  private static func declarer(_ header: Header) -> String {
    let stage = header.plan.last { stage in
      stage.tool == WindowTool.toolName
        && (stage.options["watermark"] != nil || stage.options["processing-time"] != nil)
    }
    return stage?.stage ?? "a stage before"
  }

  private static func refuseOtherWatermark(
    _ request: WindowRequest, _ name: String?, _ header: Header
  ) throws {
    let declarer = declarer(header)
    if header.shape.watermark != nil, request.delay != nil || request.isProcessingTime {
      let option = request.isProcessingTime ? "--processing-time" : "--watermark"
      throw StreamError(
        .usage, "\(option): the rows have a watermark already, from \(declarer)",
        hint: header.shape.mode == .append
          ? "--time window_time, and no \(option)" : "leave \(option) out here, or there")
    }
    if header.shape.watermark != nil, let former = header.shape.eventTime, let name, former != name
    {
      throw StreamError(
        .usage, "--time \(name): the watermark, from \(declarer), is that of '\(former)'",
        hint: "--time \(former)")
    }
    // The rows of a window are as old as the window: another watermark would call them late.
    if name != nil, request.delay != nil, header.shape.mode == .append,
      header.shape.window != nil
    {
      throw StreamError(
        .usage,
        "--watermark: the rows of windows come when time has passed them; there is no "
          + "other watermark behind a windowed aggregation",
        hint: "declare it where the first windows are, and leave --watermark out here")
    }
  }

  private static func checkLate(_ request: WindowRequest, _ header: Header) throws {
    guard let late = request.late else { return }
    guard request.delay != nil || header.shape.watermark != nil else {
      throw StreamError(
        .usage, "--late: without a watermark no row is late", hint: "--watermark 10s")
    }
    if late == .keep, header.query.checkpoint == nil {
      throw StreamError(
        .usage, "--late keep: the query has no checkpoint to keep them in",
        hint: "stream-source … --checkpoint DIR, or --late ./late here")
    }
    try late.checkDirectory()
  }

  /// A window's columns take the place of those of the same name.
  private static func refuseLostTime(_ request: WindowRequest, _ name: String?) throws {
    guard request.explodes, let name,
      [Field.windowStart, .windowEnd].contains(where: { $0.name == name.lowercased() })
    else { return }
    throw StreamError(
      .usage, "--explode puts a column '\(name)' of its own in the place of the event time",
      hint: "--time \"\(name) AS ts\"")
  }

  /// A gap that is the same for all rows is a constant.
  private static func folded(_ window: EventWindow?, _ schema: Schema) throws -> EventWindow? {
    guard case .session(.expression(let text))? = window else { return window }
    let gap = try Expression.parse(text).bind(to: schema)
    switch gap.type {
    case .dayTimeInterval:
      guard case .integer(let constant)? = gap.constant else { return window }
      guard (1...AlignedWindows.sizeMax).contains(constant) else {
        throw StreamError(.usage, "--session: expected a duration above zero but found '\(text)'")
      }
      return .session(.constant(constant))
    case .string: return window
    default:
      throw StreamError(
        .usage, "--session: \(text) is of type \(gap.typeName), not an interval",
        hint: gap.type.isNumeric
          ? "--session \"make_dt_interval(0, 0, 0, \(text))\"" : "--session 10m")
    }
  }

  private static func shape(
    _ request: WindowRequest, _ header: Header, window: EventWindow?, time: TimeColumn?,
    delay: Int64?, _ output: Schema
  ) -> Shape {
    var shape = header.shape
    if request.explodes {
      shape.window = nil
    } else if let window {
      shape.window =
        WindowDeclaration(window, isProcessingTime: request.isProcessingTime).json
    } else if shape.eventTime != time?.name {
      shape.window = nil
    }
    shape.eventTime = time?.name
    shape.watermark = delay ?? shape.watermark
    shape.late = request.late?.text ?? shape.late
    let isReplaced: Bool
    if case .computed? = time?.origin {
      isReplaced = shape.keys.contains { $0.lowercased() == time?.name.lowercased() }
    } else {
      isReplaced = false
    }
    if request.explodes || isReplaced { shape.keys = [] }
    return shape
  }
}
