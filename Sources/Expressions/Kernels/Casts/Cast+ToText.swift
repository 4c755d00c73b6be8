import Columnar
import Scalars

extension Cast {
  static func toText(from source: DataType, _ annotation: TypeAnnotation?) -> Kernel {
    Kernel { arguments in
      let column = arguments[0].column
      if source == .binary { return try textOfBinary(arguments) }
      let writer = ValueWriter(source, annotation)
      return try arguments.makeText { row, text in
        writer.write(column, row, to: &text)
        return true
      }
    }
  }

  /// The bytes themselves; what is not UTF-8 is replaced.
  private static func textOfBinary(_ arguments: Arguments) throws -> Column {
    let strings = arguments.strings(0)
    return try arguments.makeStrings { row, output in
      let bytes = strings[row]
      if firstInvalidUTF8(bytes) == nil {
        output.append(short: bytes)
      } else {
        output.append(strings.string(row))
      }
      return true
    }
  }
}

/// Writes values of one type as SQL's cast to string gives them.
struct ValueWriter {
  private let type: DataType
  private let fields: IntervalFields
  private let children: [ValueWriter]

  init(_ type: DataType, _ annotation: TypeAnnotation? = nil) {
    self.type = type
    switch annotation {
    case .interval(let fields): self.fields = fields
    default: fields = type == .yearMonthInterval ? .yearToMonth : .dayToSecond
    }
    switch type {
    case .array(let element): children = [ValueWriter(element)]
    case .map(let key, let value): children = [ValueWriter(key), ValueWriter(value)]
    case .structure(let members): children = members.map { ValueWriter($0.type) }
    default: children = []
    }
  }

  /// - Precondition: the value is not null.
  func write(_ column: Column, _ row: Int, to text: inout ByteText) {
    switch column.storage {
    case .void: text.append("null")
    case .boolean(let bits): text.append(bits[row] ? "true" : "false")
    case .int8(let values): text.appendInteger(Int64(values[row]))
    case .int16(let values): text.appendInteger(Int64(values[row]))
    case .int32(let values): write(values[row], to: &text)
    case .int64(let values): write(values[row], to: &text)
    case .float(let values): text.appendJavaFloat(values[row])
    case .double(let values): text.appendJavaDouble(values[row])
    case .decimal(let values):
      text.appendDecimal(values[row], scale: type.decimalForm?.scale ?? 0)
    case .bytes(let strings): text.append(strings[row])
    case .list(let offsets, let elements):
      writeList(Int(offsets[row])..<Int(offsets[row + 1]), elements, to: &text)
    case .structure(let members, _):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { text.append(", ") }
        children[index].writeNullable(member, row, to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  private func write(_ value: Int32, to text: inout ByteText) {
    switch type {
    case .date: text.appendDate(value)
    case .yearMonthInterval: text.append(IntervalText.literal(months: value, fields))
    default: text.appendInteger(Int64(value))
    }
  }

  private func write(_ value: Int64, to text: inout ByteText) {
    switch type {
    case .timestamp: text.appendSparkTimestamp(value)
    case .dayTimeInterval: text.append(IntervalText.literal(microseconds: value, fields))
    default: text.appendInteger(value)
    }
  }

  private func writeList(_ range: Range<Int>, _ elements: Column, to text: inout ByteText) {
    let isMap = children.count == 2
    text.append(UInt8(ascii: isMap ? "{" : "["))
    for element in range {
      if element > range.lowerBound { text.append(", ") }
      if isMap {
        let entry = elements.members
        children[0].writeNullable(entry[0], element, to: &text)
        text.append(" -> ")
        children[1].writeNullable(entry[1], element, to: &text)
      } else {
        children[0].writeNullable(elements, element, to: &text)
      }
    }
    text.append(UInt8(ascii: isMap ? "}" : "]"))
  }

  private func writeNullable(_ column: Column, _ row: Int, to text: inout ByteText) {
    if column.isNull(row) { text.append("null") } else { write(column, row, to: &text) }
  }
}
