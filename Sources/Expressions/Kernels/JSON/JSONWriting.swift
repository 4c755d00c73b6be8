import Columnar
import Scalars

/// Writes values of one type as JSON: `to_json`.
struct JSONValueWriter: Sendable {
  private let type: DataType
  private let children: [JSONValueWriter]
  private let names: [[UInt8]]
  private let text: ValueWriter
  private let options: JSONOptions

  private static let timestampPattern = try? DateTimePattern("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]")

  init(_ type: DataType, _ options: JSONOptions) {
    self.type = type
    self.options = options
    text = ValueWriter(type)
    switch type {
    case .array(let element):
      children = [JSONValueWriter(element, options)]
      names = []
    case .map(let key, let value):
      children = [JSONValueWriter(key, options), JSONValueWriter(value, options)]
      names = []
    case .structure(let fields):
      children = fields.map { JSONValueWriter($0.type, options) }
      names = fields.map { Array($0.name.utf8) }
    default: (children, names) = ([], [])
    }
  }

  func write(_ column: Column, _ row: Int, to output: inout MutableBuffer<UInt8>) {
    if column.isNull(row) { return output.append("null") }
    switch column.storage {
    case .list(let offsets, let elements):
      writeList(Int(offsets[row])..<Int(offsets[row + 1]), elements, to: &output)
    case .structure(let members, _): writeStruct(members, row, to: &output)
    case .bytes(let strings):
      let lane = StringLane(strings, isConstant: false)
      if type == .string { return output.append(quoted: lane[row]) }
      output.append(0x22)
      Encodings.append(base64: lane[row], to: &output)
      output.append(0x22)
    case .float(let values) where !values[row].isFinite: writeQuoted(column, row, to: &output)
    case .double(let values) where !values[row].isFinite: writeQuoted(column, row, to: &output)
    default:
      switch type {
      case .date, .timestamp, .dayTimeInterval, .yearMonthInterval:
        writeQuoted(column, row, to: &output)
      default: output.append(scalar(column, row))
      }
    }
  }

  private func writeQuoted(_ column: Column, _ row: Int, to output: inout MutableBuffer<UInt8>) {
    let bytes = Array(scalar(column, row).utf8)
    output.append(quoted: bytes.span)
  }

  /// A value that is no text, as text.
  func scalar(_ column: Column, _ row: Int) -> String {
    var output = ByteText()
    switch (type, column.storage) {
    case (.timestamp, .int64(let times)):
      (options.timestampPattern ?? JSONValueWriter.timestampPattern)?
        .format(times[row], to: &output)
    case (.date, .int32(let days)) where options.datePattern != nil:
      options.datePattern?.format(Int64(days[row]) * microsecondsPerDay, to: &output)
    default: text.write(column, row, to: &output)
    }
    return output.string
  }

  /// Keys are written as the machine has them: dates as days, timestamps as µs.
  private func key(_ column: Column, _ row: Int) -> String {
    switch (type, column.storage) {
    case (.timestamp, .int64(let times)): "\(times[row])"
    case (.date, .int32(let days)): "\(days[row])"
    default: scalar(column, row)
    }
  }

  private func writeList(
    _ range: Range<Int>, _ elements: Column, to output: inout MutableBuffer<UInt8>
  ) {
    let isMap = children.count == 2
    output.append(isMap ? 0x7B : 0x5B)
    for element in range {
      if element > range.lowerBound { output.append(0x2C) }
      if isMap {
        let entry = elements.members
        let name = Array(children[0].key(entry[0], element).utf8)
        output.append(quoted: name.span)
        output.append(0x3A)
        children[1].write(entry[1], element, to: &output)
      } else {
        children[0].write(elements, element, to: &output)
      }
    }
    output.append(isMap ? 0x7D : 0x5D)
  }

  private func writeStruct(
    _ members: [Column], _ row: Int, to output: inout MutableBuffer<UInt8>
  ) {
    output.append(0x7B)
    var isFirst = true
    for (index, member) in members.enumerated() {
      if options.omitsNulls, member.isNull(row) { continue }
      if !isFirst { output.append(0x2C) }
      isFirst = false
      let name = names[index]
      output.append(quoted: name.span)
      output.append(0x3A)
      children[index].write(member, row, to: &output)
    }
    output.append(0x7D)
  }
}

enum JSONWriting {
  static func kernel(_ type: DataType, _ options: JSONOptions) -> Kernel {
    let writer = JSONValueWriter(type, options)
    return Kernel { arguments in
      let vector = arguments[0]
      return try arguments.makeStrings { row, output in
        writer.write(vector.column, vector.slot(row), to: &output)
        return true
      }
    }
  }

  /// `to_csv(struct)`.
  static func csv(_ fields: [Field], _ options: JSONOptions) -> Kernel {
    let writers = fields.map { JSONValueWriter($0.type, options) }
    return Kernel { arguments in
      let vector = arguments[0]
      let members = vector.column.members
      return try arguments.makeStrings { row, output in
        for (index, member) in members.enumerated() {
          if index > 0 { output.append(options.delimiter) }
          let slot = vector.slot(row)
          if member.isNull(slot) { continue }
          let text =
            fields[index].type == .string
            ? String(member.strings.string(slot).trimmed) : writers[index].scalar(member, slot)
          append(text, options.delimiter, to: &output)
        }
        return true
      }
    }
  }

  private static func append(
    _ text: String, _ delimiter: UInt8, to output: inout MutableBuffer<UInt8>
  ) {
    let needsQuotes =
      text.isEmpty
      || text.utf8.contains { $0 == delimiter || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    guard needsQuotes else { return output.append(text) }
    output.append(0x22)
    for byte in text.utf8 {
      if byte == 0x22 { output.append(0x5C) }
      output.append(byte)
    }
    output.append(0x22)
  }
}
