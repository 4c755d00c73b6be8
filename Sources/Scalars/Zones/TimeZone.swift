/// How far the clocks of a place are from UTC: always as far, or by the rules of a region.
@usableFromInline package enum TimeZone: Sendable, Equatable {
  /// Seconds east of Greenwich.
  case fixed(Int)
  case region(ZoneRules)

  package static let utc = TimeZone.fixed(0)

  /// Seconds east of Greenwich where that never changes; nil for a region.
  package var fixedOffset: Int? {
    if case .fixed(let offset) = self { offset } else { nil }
  }
}

/// A stretch of time in which a region's clocks stand still against UTC.
@usableFromInline package struct ZonePeriod: Sendable, Equatable {
  /// Seconds since 1970-01-01T00:00:00Z; the end is not part of it.
  package var start: Int64
  package var end: Int64
  /// Seconds east of Greenwich.
  package var offset: Int

  /// Whether the clocks show a time in this period once or for the first time.
  fileprivate func isBehind(local second: Int64) -> Bool {
    // An end that no timestamp reaches is `Int64.max`.
    end != .max && second &- Int64(offset) >= end
  }
}

/// The times at which a region's clocks were and will be changed.
@usableFromInline package final class ZoneRules: Sendable, Equatable {
  /// As people write it: `Europe/Zurich`.
  package let name: String
  /// When a period begins, ascending; the first period has no beginning.
  private let transitions: [Int64]
  /// The offset of each period: one more than there are transitions.
  private let periodOffsets: [Int32]
  /// What holds behind the last transition; nil when that goes on for ever.
  private let tail: YearlyRule?

  /// - Precondition: `offsets` has one element more than `transitions`, which ascend.
  init(name: String, transitions: [Int64], offsets: [Int32], tail: YearlyRule?) {
    precondition(offsets.count == transitions.count + 1)
    self.name = name
    self.transitions = transitions
    periodOffsets = offsets
    self.tail = tail
  }

  @usableFromInline package static func == (left: ZoneRules, right: ZoneRules) -> Bool {
    left.name == right.name
  }

  /// The distances from Greenwich since 1970, in seconds east of it, the last one last.
  package var offsets: [Int] {
    let first = transitions.firstIndex { $0 > 0 } ?? transitions.count
    let yearly = tail.map { [$0.daylight ?? $0.standard, $0.standard] } ?? []
    return periodOffsets[first...].map { Int($0) } + yearly
  }

  /// The period that a moment is in.
  ///
  /// - Parameter second: since 1970-01-01T00:00:00Z.
  package func period(at second: Int64) -> ZonePeriod {
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= second { low = middle + 1 } else { high = middle }
    }
    let start = low == 0 ? Int64.min : transitions[low - 1]
    if low == transitions.count, let tail {
      var period = tail.period(at: second)
      period.start = max(period.start, start)
      return period
    }
    let end = low < transitions.count ? transitions[low] : Int64.max
    return ZonePeriod(start: start, end: end, offset: Int(periodOffsets[low]))
  }

  /// The period whose offset counts for a time that the clocks show.
  ///
  /// A time that comes twice is the first one; one that is left out is moved on by as much as the
  /// clocks are: both is what the offset before the change gives.
  package func period(ofLocal second: Int64) -> ZonePeriod {
    // Far beyond any timestamp and any transition; differences of what is nearer do not overflow.
    let second = max(-(1 << 60), min(second, 1 << 60))
    // No offset is longer than a day and two hours.
    var period = period(at: second - 100_000)
    while period.isBehind(local: second) {
      let next = self.period(at: period.end)
      // The clocks skip it.
      if second &- Int64(next.offset) < next.start { break }
      period = next
    }
    return period
  }
}

/// Reads one zone at many moments that are near to each other.
@usableFromInline package struct ZoneCursor: Sendable {
  private let zone: TimeZone
  private var period: ZonePeriod

  package init(_ zone: TimeZone) {
    self.zone = zone
    switch zone {
    case .fixed(let offset): period = ZonePeriod(start: .min, end: .max, offset: offset)
    case .region(let rules): period = rules.period(at: 0)
    }
  }

  /// - Parameter timestamp: µs since 1970-01-01T00:00:00Z.
  /// - Returns: seconds east of Greenwich.
  package mutating func offset(at timestamp: Int64) -> Int {
    let second = Int64(floorDivide(Int(timestamp), 1_000_000))
    if second < period.start || second >= period.end, case .region(let rules) = zone {
      period = rules.period(at: second)
    }
    return period.offset
  }

  /// - Parameter local: µs since 1970-01-01T00:00:00 on the zone's clocks.
  /// - Returns: seconds east of Greenwich.
  package mutating func offset(ofLocal local: Int64) -> Int {
    let second = Int64(floorDivide(Int(local), 1_000_000))
    // Near the ends of a period, another one may hold.
    let margin: Int64 = 200_000
    let isInside =
      (period.start == .min || second > period.start + margin)
      && (period.end == .max || second < period.end - margin)
    if !isInside, case .region(let rules) = zone { period = rules.period(ofLocal: second) }
    return period.offset
  }

  /// What the clocks show at a moment, in µs since 1970-01-01T00:00:00; nil beyond 64 bits.
  package mutating func local(_ timestamp: Int64) -> Int64? {
    let (local, overflows) = timestamp.addingReportingOverflow(
      Int64(offset(at: timestamp)) * 1_000_000)
    return overflows ? nil : local
  }

  /// The moment at which the clocks show a time, in µs since 1970-01-01T00:00:00Z; nil beyond 64
  /// bits. Of two the earlier; a time that the clocks skip is moved on as they are.
  package mutating func timestamp(ofLocal local: Int64) -> Int64? {
    let (timestamp, overflows) = local.subtractingReportingOverflow(
      Int64(offset(ofLocal: local)) * 1_000_000)
    return overflows ? nil : timestamp
  }
}
