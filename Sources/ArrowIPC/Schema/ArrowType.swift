/// The Arrow types that are read, in the form in which they come. Arrow's `Schema.fbs`.
enum ArrowType: Hashable {
  case null
  case boolean
  case integer(bits: Int, isSigned: Bool)
  /// 16, 32 or 64.
  case floatingPoint(bits: Int)
  case decimal(bits: Int, precision: Int, scale: Int)
  /// With offsets of 64 bits when it is large; the others have 32.
  case utf8(isLarge: Bool)
  case binary(isLarge: Bool)
  case utf8View
  case binaryView
  case fixedBinary(byteCount: Int)
  case day
  case millisecondDate
  case timestamp(TimeUnit)
  case duration(TimeUnit)
  case monthInterval
  case dayTimeInterval
  case list(isLarge: Bool)
  case fixedList(count: Int)
  case structure
  case map
}

/// How long a tick of a time is.
enum TimeUnit: Int16 {
  case second
  case millisecond
  case microsecond
  case nanosecond

  var name: String {
    switch self {
    case .second: "s"
    case .millisecond: "ms"
    case .microsecond: "us"
    case .nanosecond: "ns"
    }
  }
}

/// The tags of the union `Type`.
enum TypeTag {
  static let null: UInt8 = 1
  static let integer: UInt8 = 2
  static let floatingPoint: UInt8 = 3
  static let binary: UInt8 = 4
  static let utf8: UInt8 = 5
  static let boolean: UInt8 = 6
  static let decimal: UInt8 = 7
  static let date: UInt8 = 8
  static let time: UInt8 = 9
  static let timestamp: UInt8 = 10
  static let interval: UInt8 = 11
  static let list: UInt8 = 12
  static let structure: UInt8 = 13
  static let union: UInt8 = 14
  static let fixedBinary: UInt8 = 15
  static let fixedList: UInt8 = 16
  static let map: UInt8 = 17
  static let duration: UInt8 = 18
  static let largeBinary: UInt8 = 19
  static let largeUTF8: UInt8 = 20
  static let largeList: UInt8 = 21
  static let runEndEncoded: UInt8 = 22
  static let binaryView: UInt8 = 23
  static let utf8View: UInt8 = 24
  static let listView: UInt8 = 25
  static let largeListView: UInt8 = 26
}
