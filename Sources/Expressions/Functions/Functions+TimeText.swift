import Columnar

extension Function {
  static let timeTextFunctions: [Function] = [
    Function(
      "to_date", in: .time, "to_date(text[, pattern])", "a text as a date",
      "to_date('03/01/2026', 'MM/dd/yyyy')", count: 1...2
    ) {
      try PatternBinding.parse($0, as: .date, isTrying: false)
    },
    Function(
      "try_to_date", in: .time, "try_to_date(text[, pattern])", "null when it is none",
      "try_to_date('x')", count: 1...2
    ) { try PatternBinding.parse($0, as: .date, isTrying: true) },
    Function(
      "to_timestamp", "to_timestamp_ltz", in: .time, "to_timestamp(text[, pattern])",
      "a text as a timestamp", "to_timestamp('2026-03-01 12:34', 'yyyy-MM-dd HH:mm')", count: 1...2
    ) { try PatternBinding.parse($0, as: .timestamp, isTrying: false) },
    Function(
      "to_timestamp_ntz", in: .time, "to_timestamp_ntz(text[, pattern])",
      "a text as a timestamp without a zone", "to_timestamp_ntz('2026-03-01 12:34:56')",
      count: 1...2
    ) { try PatternBinding.parse($0, as: .timestamp, isTrying: false, annotation: .zoneless) },
    Function(
      "try_to_timestamp", in: .time, "try_to_timestamp(text[, pattern])", "null when it is none",
      "try_to_timestamp('x')", count: 1...2
    ) {
      try PatternBinding.parse($0, as: .timestamp, isTrying: true)
    },
    Function(
      "date_format", in: .time, "date_format(time, pattern)", "a time as a text",
      "date_format('2026-03-01', 'EEE, d MMM yyyy')", count: 2...2, bind: PatternBinding.format),
    Function(
      "from_unixtime", in: .time, "from_unixtime(seconds[, pattern])",
      "seconds since 1970 as a text",
      "from_unixtime(0)", count: 1...2, bind: PatternBinding.fromSeconds),
    Function(
      "unix_timestamp", "to_unix_timestamp", in: .time, "unix_timestamp([time[, pattern]])",
      "seconds since 1970, of now without a time", "unix_timestamp('1970-01-01 00:00:01')",
      count: 0...2, bind: PatternBinding.toSeconds),
  ]
}
