import Columnar

extension Function {
  static let zoneFunctions: [Function] = [
    Function(
      "from_utc_timestamp", in: .time, "from_utc_timestamp(timestamp, zone)",
      "what the zone's clocks show at a moment in UTC",
      "from_utc_timestamp('2026-07-01 12:00:00', 'Europe/Zurich')", takes: [.timestamp, .text],
      gives: .timestamp, Zones.move(.toLocal)),
    Function(
      "to_utc_timestamp", in: .time, "to_utc_timestamp(timestamp, zone)",
      "the moment in UTC at which the zone's clocks show the timestamp",
      "to_utc_timestamp('2026-07-01 14:00:00', 'Europe/Zurich')", takes: [.timestamp, .text],
      gives: .timestamp, Zones.move(.toUTC)),
    Function(
      "convert_timezone", in: .time, "convert_timezone([source, ]target, timestamp)",
      "what the target's clocks show when those of the source (UTC) show the timestamp",
      "convert_timezone('Europe/Zurich', 'Asia/Tokyo', TIMESTAMP_NTZ '2026-07-01 12:00:00')",
      count: 2...3
    ) { call in
      let source =
        call.count > 2
        ? try call.argument(0, .text)
        : Node(.constant(Column(["UTC"])), .string, range: call.range)
      let target = try call.argument(call.count - 2, .text)
      let time = try call.argument(call.count - 1, .timestamp)
      return call.call(
        Zones.convert, [source, target, time], .timestamp, annotation: .zoneless)
    },
  ]
}
