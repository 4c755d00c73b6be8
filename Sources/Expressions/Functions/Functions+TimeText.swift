import Columnar

extension Function {
  static let timeTextFunctions: [Function] = [
    Function(
      "to_date", in: .time, "to_date(text)", "a text as a date", "to_date('2026-03-01')",
      count: 1...2) { try TimeText.date($0, isTrying: false) },
    Function(
      "try_to_date", in: .time, "try_to_date(text)", "null when it is none", "try_to_date('x')",
      count: 1...2) { try TimeText.date($0, isTrying: true) },
    Function(
      "to_timestamp", "to_timestamp_ltz", in: .time, "to_timestamp(text)", "a text as a timestamp",
      "to_timestamp('2026-03-01 12:34:56')", count: 1...2) {
        try TimeText.timestamp($0, isTrying: false)
      },
    Function(
      "to_timestamp_ntz", in: .time, "to_timestamp_ntz(text)", "a text as a timestamp without zone",
      "to_timestamp_ntz('2026-03-01 12:34:56')", count: 1...2) {
        try TimeText.timestamp($0, isTrying: false, annotation: .zoneless)
      },
    Function(
      "try_to_timestamp", in: .time, "try_to_timestamp(text)", "null when it is none",
      "try_to_timestamp('x')", count: 1...2) { try TimeText.timestamp($0, isTrying: true) },
  ]
}

enum TimeText {
  static func date(_ call: CallBinder, isTrying: Bool) throws -> Node {
    try cast(call, to: .date, isTrying: isTrying, nil)
  }

  static func timestamp(
    _ call: CallBinder, isTrying: Bool, annotation: TypeAnnotation? = nil
  ) throws -> Node {
    try cast(call, to: .timestamp, isTrying: isTrying, annotation)
  }

  private static func cast(
    _ call: CallBinder, to type: DataType, isTrying: Bool, _ annotation: TypeAnnotation?
  ) throws -> Node {
    guard call.count == 1 else {
      throw call.failure("\(call.name)(): patterns are not there yet", call[1].range)
    }
    let source = call[0]
    if source.type == type { return source }
    guard source.type == .string || source.type == .date || source.type == .timestamp || source.type == .void || source.type.isNumeric && type == .timestamp,
      let kernel = Cast.kernel(from: source.type, to: type)
    else { throw call.misfit(0, "a string") }
    return call.call(kernel, [source], type, annotation: annotation, isTrying: isTrying)
  }
}
