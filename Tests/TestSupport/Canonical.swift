package import Columnar
internal import JSONText

/// Values in the form in which `Tests/Interop/canonical.py` prints them.
package enum Canonical {
  package static func lines(_ batches: [Batch]) -> [String] {
    batches.flatMap { batch in
      (0..<batch.rowCount).map { row in
        JSON.array(batch.columns.map { json($0.value(row), $0.type) }).text
      }
    }
  }

  private static func json(_ value: Value, _ type: DataType) -> JSON {
    switch (value, type) {
    case (.null, _): return .null
    case (.boolean(let bit), _): return .bool(bit)
    case (.integer(let integer), _): return .integer(integer)
    case (.double(let double), _):
      if double.isNaN { return "NaN" }
      if double.isInfinite { return double > 0 ? "Infinity" : "-Infinity" }
      return .integer(Int64(double * 8))
    case (.decimal(let unscaled), _): return .string(String(unscaled))
    case (.string(let text), _): return .string(text)
    case (.binary(let bytes), _): return .string(bytes.map(hexadecimal).joined())
    case (.list(let elements), .array(let element)):
      return .array(elements.map { json($0, element) })
    case (.list(let entries), .map(let key, let value)):
      return .array(entries.map { json($0, .mapEntry(key: key, value: value)) })
    case (.structure(let values), .structure(let fields)):
      return .array(zip(values, fields).map { json($0, $1.type) })
    default: return "a value that its type does not have"
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

/// The first pair of lines that differs, cut down to where: a table of them would hide it.
package func firstDifference(_ left: [String], _ right: [String]) -> [String]? {
  for (left, right) in zip(left, right) where left != right {
    let place = zip(left, right).prefix { $0 == $1 }.count
    return [left, right].map { String($0.dropFirst(max(0, place - 20)).prefix(60)) }
  }
  return nil
}
