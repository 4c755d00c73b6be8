package import Columnar
import Diagnostics
package import Expressions

/// Where the event time of rows comes from, and what it is for.
package struct EventTimePlan: Sendable {
  package enum Origin: Sendable {
    /// A timestamp of the input.
    case column(Int)
    /// A timestamp that is computed: a column that is added, or takes the place of one of its name.
    case computed(Expression)
    /// The epoch's time: no column holds it.
    case epoch
  }

  package var origin: Origin
  /// How far the watermark stays behind the latest time, in µs, not negative; nil: there is none.
  package var delay: Int64?
  /// When the input has been empty for longer, the watermark moves on with the clock. In µs.
  package var idle: Int64?
  /// Rows without a usable time are left out: they would be in no window.
  package var needsTime = false
  /// A row goes out for each of these windows that it is in and that is open, with the columns
  /// `window_start` and `window_end` in front.
  package var explosion: AlignedWindows?

  package init(_ origin: Origin) { self.origin = origin }
}

/// Knows the event time of rows and makes the watermark; the rows themselves pass.
package struct EventTime: RejectingOperator, Sendable {
  private let plan: EventTimePlan
  private let time: TimeSource
  /// The columns of the input, with the time that is computed.
  private let timed: Schema
  private let explosion: WindowExplosion?
  private var numbers = RowNumbers()
  private var rejected = RejectedRows()

  /// The largest event time of all rows.
  package private(set) var latest: Int64?
  /// That of the last epoch that has ended.
  package private(set) var watermark: Int64?
  /// There has been no row with a time, and for so long no row at all that the watermark would move on
  /// with the clock if there were one: other inputs need not wait for it.
  package private(set) var isSilent = false

  /// - Throws: a usage error when the expression of the time does not fit the input, or gives no
  ///   timestamp.
  package init(_ plan: EventTimePlan, input: Schema) throws {
    self.plan = plan
    time = try TimeSource(plan.origin, input)
    let timed = time.schema(behind: input)
    self.timed = timed
    explosion = plan.explosion.map { WindowExplosion($0, timed) }
  }

  package var output: Schema { explosion?.output ?? timed }

  package var mayReject: Bool { plan.needsTime || explosion != nil }

  /// Goes on where an earlier run stopped.
  package mutating func resume(latest: Int64?, watermark: Int64?) {
    (self.latest, self.watermark) = (latest, watermark)
  }

  // MARK: - Rows

  /// Whether the rows of a frame go on as they are; if so, their times have been looked at.
  package mutating func passes(
    rowCount: Int, column: (Int) throws -> Column
  ) throws -> Bool {
    guard explosion == nil else { return false }
    switch time {
    case .epoch: return true
    case .computed: return false
    case .column(let index):
      guard plan.delay != nil || plan.needsTime else { return true }
      let bounds = TimeBounds(try column(index))
      if bounds.hasUnusable, plan.needsTime { return false }
      note(bounds)
      return true
    }
  }

  package mutating func process(
    _ batch: Batch, _ change: Change, in epoch: Epoch, emit: (Batch, Change) throws -> Void
  ) throws {
    let (rows, times) = try timed(batch, epoch)
    numbers.advance(batch.rowCount)
    let bounds = TimeBounds(times)
    note(bounds)
    if let explosion {
      let late = try explosion.explode(rows, times, epoch.watermark) { try emit($0, change) }
      rejected = late
    } else if plan.needsTime, bounds.hasUnusable {
      let judge = EventTimes(watermark: nil, refusesNull: true)
      guard let usable = judge.usable(times, rejected: &rejected) else { return }
      if usable.count > 0 { try emit(rows.gathering(usable), change) }
    } else if rows.rowCount > 0 {
      try emit(rows, change)
    }
  }

  private mutating func timed(_ batch: Batch, _ epoch: Epoch) throws -> (Batch, Column) {
    switch time {
    case .column(let index): return (batch, batch.columns[index])
    case .epoch:
      let values = Buffer(repeating: epoch.time, count: batch.rowCount)
      return (batch, Column(.timestamp, .int64(values)))
    case .computed(let expression, let place):
      let context = EvaluationContext(now: epoch.time)
      let times: Column
      do {
        times = try numbers.attempt { try expression.evaluate(over: batch, context: context) }
      } catch let failure as RowError {
        throw failure.error
      }
      var columns = batch.columns
      if let place { columns[place] = times } else { columns.append(times) }
      return (Batch(schema: timed, columns: columns, rowCount: batch.rowCount), times)
    }
  }

  package mutating func takeRejected() -> RejectedRows { rejected.take() }

  // MARK: - The watermark

  private mutating func note(_ bounds: TimeBounds) {
    if case .epoch = time { return }
    guard plan.delay != nil, let last = bounds.latest else { return }
    latest = max(latest ?? last, last)
  }

  package mutating func finish(
    _ end: EpochEnd, emit: (Batch, Change) throws -> Void
  ) throws -> EpochOutcome {
    var outcome = EpochOutcome()
    guard let delay = plan.delay else { return outcome }
    let isIdle = plan.idle.map { end.idle > $0 } ?? false
    if case .epoch = time {
      advance(to: end.epoch.time, less: delay)
    } else if let latest {
      advance(to: latest, less: delay)
      if isIdle {
        advance(to: latest.saturatingAdd(end.idle), less: delay)
      }
    }
    isSilent = isIdle && watermark == nil
    outcome.watermark = watermark
    return outcome
  }

  /// Never back.
  private mutating func advance(to time: Int64, less delay: Int64) {
    let next = time.saturatingAdd(-delay).flooredToMilliseconds
    watermark = max(watermark ?? next, next)
  }
}

/// ``EventTimePlan/Origin`` for the columns of an input.
private enum TimeSource: Sendable {
  case column(Int)
  /// `place` is that of the column that is replaced.
  case computed(BoundExpression, place: Int?)
  case epoch

  init(_ origin: EventTimePlan.Origin, _ input: Schema) throws {
    switch origin {
    case .epoch: self = .epoch
    case .column(let index):
      precondition(input.fields[index].type == .timestamp)
      self = .column(index)
    case .computed(let expression):
      let bound = try expression.bind(to: input)
      guard bound.type == .timestamp else {
        throw StreamError(.usage, "'\(expression.source)' is no timestamp but \(bound.type)")
      }
      self = .computed(bound, place: input.fields.firstIndex { $0.name == bound.name })
    }
  }

  func schema(behind input: Schema) -> Schema {
    guard case .computed(let expression, let place) = self else { return input }
    var schema = input
    if let place {
      schema.fields[place] = expression.field
    } else {
      schema.fields.append(expression.field)
    }
    return schema
  }
}

extension Int64 {
  fileprivate func saturatingAdd(_ other: Int64) -> Int64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }

  /// The last whole millisecond that is not behind it.
  fileprivate var flooredToMilliseconds: Int64 {
    let past = self % 1000
    return saturatingAdd(past < 0 ? -1000 - past : -past)
  }
}
