package import Columnar
package import JSONText

extension Schema {
  /// As logs and plans keep it: names are never part of a type's text, so any name will do.
  package var json: JSON {
    .array(fields.map { ["name": .string($0.name), "type": $0.type.json] })
  }

  /// - Returns: nil when it is none.
  package init?(_ json: JSON) {
    guard let fields = [Field](json, depth: 0) else { return nil }
    self.init(fields)
  }
}

extension [Field] {
  fileprivate init?(_ json: JSON, depth: Int) {
    guard depth < 64, let elements = json.array else { return nil }
    self = []
    for element in elements {
      guard let name = element["name"]?.string, let type = element["type"],
        let type = DataType(type, depth: depth + 1)
      else { return nil }
      append(Field(name, type))
    }
  }
}

extension DataType {
  fileprivate var json: JSON {
    switch self {
    case .array(let element): ["array": element.json]
    case .map(let key, let value): ["map": [key.json, value.json]]
    case .structure(let fields): ["struct": Schema(fields).json]
    default: .string(description)
    }
  }

  fileprivate init?(_ json: JSON, depth: Int) {
    guard depth < 64 else { return nil }
    if let text = json.string {
      self.init(plain: text)
    } else if let element = json["array"] {
      guard let type = DataType(element, depth: depth + 1) else { return nil }
      self = .array(type)
    } else if let pair = json["map"]?.array, pair.count == 2 {
      guard let key = DataType(pair[0], depth: depth + 1),
        let value = DataType(pair[1], depth: depth + 1)
      else { return nil }
      self = .map(key: key, value: value)
    } else {
      guard let fields = json["struct"], let fields = [Field](fields, depth: depth + 1) else {
        return nil
      }
      self = .structure(fields)
    }
  }

  private static let plainTypes: [DataType] = [
    .void, .boolean, .tinyint, .smallint, .int, .bigint, .float, .double, .string, .binary,
    .timestamp, .date, .dayTimeInterval, .yearMonthInterval,
  ]

  private init?(plain text: String) {
    if let type = DataType.plainTypes.first(where: { $0.description == text }) {
      self = type
      return
    }
    guard text.hasPrefix("decimal("), text.hasSuffix(")") else { return nil }
    let numbers = text.dropFirst("decimal(".count).dropLast().split(separator: ",").map { Int($0) }
    guard numbers.count == 2, let precision = numbers[0], let scale = numbers[1],
      (1...38).contains(precision), (0...precision).contains(scale)
    else { return nil }
    self = .decimal(precision: precision, scale: scale)
  }
}
