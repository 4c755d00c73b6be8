import Columnar
import Scalars

/// Moments on the clocks of a zone, and back.
enum Zones {
  enum Direction: Sendable {
    /// From UTC to what the clocks show.
    case toLocal
    /// From what the clocks show to UTC.
    case toUTC
  }

  /// A timestamp and the name of a zone: what `from_utc_timestamp` and `to_utc_timestamp` compute.
  static func move(_ direction: Direction) -> Kernel {
    Kernel(canFail: true) { arguments in
      let (times, names) = (arguments.int64s(0), arguments.strings(1))
      var clocks = ClockCache()
      return try arguments.makeInt64s { row in
        try clocks.select(names, row)
        return try clocks.move(times[row], direction)
      }
    }
  }

  /// `convert_timezone(source, target, timestamp)`: what the target's clocks show when those of the
  /// source show the timestamp.
  static let convert = Kernel(canFail: true) { arguments in
    let (sources, targets, times) = (
      arguments.strings(0), arguments.strings(1), arguments.int64s(2)
    )
    var (source, target) = (ClockCache(), ClockCache())
    return try arguments.makeInt64s { row in
      try source.select(sources, row)
      try target.select(targets, row)
      return try target.move(try source.move(times[row], .toUTC), .toLocal)
    }
  }

  static func named(_ name: String) throws -> TimeZone {
    do throws(ZoneError) {
      return try TimeZone(named: name)
    } catch .unknown {
      throw Reason(
        "INVALID_TIMEZONE", "no time zone '\(name.prefix(60))'",
        hint: "a region such as 'Europe/Zurich', or an offset such as '+01:00'")
    } catch {
      throw Reason("INVALID_TIMEZONE", "the zone file of '\(name)' is damaged")
    }
  }
}

/// The clocks of a column of zone names, of which the same one comes again and again.
private struct ClockCache {
  private var name: [UInt8]?
  private var clocks = ZoneCursor(.utc)

  mutating func select(_ names: StringLane, _ row: Int) throws {
    if let name, names.isConstant || isSame(name, names[row]) { return }
    let zone = try Zones.named(names.string(row))
    name = names.bytes(row)
    clocks = ZoneCursor(zone)
  }

  private func isSame(_ name: [UInt8], _ other: Span<UInt8>) -> Bool {
    guard name.count == other.count else { return false }
    for index in name.indices where name[index] != other[index] { return false }
    return true
  }

  mutating func move(_ time: Int64, _ direction: Zones.Direction) throws -> Int64 {
    let moved = direction == .toLocal ? clocks.local(time) : clocks.timestamp(ofLocal: time)
    guard let moved else { throw Reason.overflow(of: .timestamp) }
    return moved
  }
}
