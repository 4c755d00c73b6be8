import Columnar

/// How the values of a row stand one behind the other in a record.
struct RowLayout: Sendable {
  struct Place: Sendable {
    let type: DataType
    let width: Width
    /// In bytes, from the start of the record.
    let offset: Int
  }

  /// What a value takes.
  enum Width: Int, Sendable {
    case one = 1
    case two = 2
    case four = 4
    case eight = 8
    case sixteen = 16
    /// A ``KeyEntry``: what is longer stands elsewhere.
    case text = 0

    var byteCount: Int { self == .text ? 16 : rawValue }

    /// - Returns: nil for types of which records hold no values.
    init?(_ type: DataType) {
      switch type {
      case .boolean, .tinyint: self = .one
      case .smallint: self = .two
      case .int, .date, .yearMonthInterval, .float: self = .four
      case .bigint, .timestamp, .dayTimeInterval, .double: self = .eight
      case .decimal: self = .sixteen
      case .string, .binary: self = .text
      default: return nil
      }
    }
  }

  /// In the order of the types.
  let places: [Place]
  /// A multiple of 8.
  let byteCount: Int

  /// - Parameter types: each of which a record can hold.
  init(_ types: [DataType]) {
    let widths = types.compactMap { Width($0) }
    precondition(widths.count == types.count)
    var offsets = types.map { _ in 0 }
    var end = 0
    // The widest first, so that nothing has to be left free between them.
    let order = types.indices.sorted { (widths[$1].byteCount, $0) < (widths[$0].byteCount, $1) }
    for index in order {
      offsets[index] = end
      end += widths[index].byteCount
    }
    places = types.indices.map { Place(type: types[$0], width: widths[$0], offset: offsets[$0]) }
    byteCount = (end + 7) / 8 * 8
  }

  /// The places at which lines of the cache are asked for, so that these columns are there.
  func lines(of columns: [Int]) -> [Int] {
    var edges = columns.flatMap { index in
      [places[index].offset, places[index].offset + places[index].width.byteCount - 1]
    }
    edges.sort()
    var lines: [Int] = []
    for edge in edges where edge - (lines.last ?? -64) >= 64 || edge == edges.last {
      lines.append(edge)
    }
    return lines
  }
}
