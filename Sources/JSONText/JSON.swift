/// A JSON value, with exact integers and with objects in the order of their text.
///
/// For ledgers, logs and options; rows of data have readers and writers of their own.
package indirect enum JSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A key of an object with its value.
  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: JSON

    package init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }

    package static func == (left: Member, right: Member) -> Bool {
      left.key.isSame(as: right.key) && left.value == right.value
    }
  }
}

extension JSON: Equatable {
  /// The same kind, the same value, members in the same order. Strings are compared by their code
  /// points, unlike Swift's; NaN is equal to nothing.
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.string(let left), .string(let right)): left.isSame(as: right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

extension JSON {
  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// An integer, also one that is written as a string, as those beyond ±2^53 are.
  package var int64: Int64? {
    switch self {
    case .integer(let value): value
    // Int64's own reading allows '+', which the writer never makes.
    case .string(let text) where text.utf8.first != UInt8(ascii: "+"): Int64(text)
    default: nil
    }
  }

  /// An integer that no reader of JSON rounds: of 53 bits. RFC 7493, "Numbers".
  package var safeInteger: Int64? {
    guard let integer = int64, integer.magnitude < 1 << 53 else { return nil }
    return integer
  }

  /// A number, or one of the strings that stand for NaN and the infinities.
  package var double: Double? {
    switch self {
    case .double(let value): value
    case .integer(let value): Double(value)
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }

  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  package var array: [JSON]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The members of an object.
  package var members: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The member of an object by its key; nil if there is none, or if this is no object.
  ///
  /// Setting it keeps the place of a key that is there, adds one that is not at the end, and
  /// removes one that is set to nil; what is no object becomes one.
  ///
  /// - Complexity: O(members).
  package subscript(key: String) -> JSON? {
    get {
      members?.first { $0.key.isSame(as: key) }?.value
    }
    set {
      var members = self.members ?? []
      let index = members.firstIndex { $0.key.isSame(as: key) }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key, value))
      case (nil, nil): break
      }
      self = .object(members)
    }
  }

  /// The element of an array; nil outside of it, or if this is no array.
  package subscript(index: Int) -> JSON? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }
}

extension String {
  /// Equality by code points: Swift's own takes composed and decomposed letters for equal.
  func isSame(as other: String) -> Bool {
    utf8.elementsEqual(other.utf8)
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(nilLiteral: ()) { self = .null }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
