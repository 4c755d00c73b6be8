import Columnar

/// The elements of a column of arrays or maps, one row each.
struct Explosion {
  /// One column for an array, keys and values for a map.
  let columns: [Column]
  /// The row that each element came from, ascending.
  let rows: Buffer<Int32>

  /// A null, like an empty list, gives no row.
  ///
  /// The elements' own column is the result where lists lie one behind the other, as they do when a
  /// function has just made them; nothing is copied then.
  ///
  /// - Parameter wantsRows: whether `rows` is needed; else it is left empty.
  init(_ lists: Column, wantsRows: Bool) {
    guard case .list(let offsets, let elements) = lists.storage else {
      preconditionFailure("arrays or maps")
    }
    let exploded: Column
    if lists.validity.map({ Explosion.areEmpty(offsets, where: ~$0) }) ?? true {
      exploded = elements[Int(offsets[0])..<Int(offsets[lists.count])]
      rows = wantsRows ? Explosion.rows(offsets, lists) : Buffer()
    } else {
      exploded = elements.gathering(Explosion.places(offsets, lists))
      rows = wantsRows ? Explosion.rows(offsets, lists) : Buffer()
    }
    if case .map = lists.type, case .structure(let parts, _) = exploded.storage {
      columns = parts
    } else {
      columns = [exploded]
    }
  }

  private static func areEmpty(_ offsets: Buffer<Int32>, where nulls: Bitmap) -> Bool {
    let rows = nulls.setIndices()
    return (0..<rows.count).allSatisfy { offsets[Int(rows[$0])] == offsets[Int(rows[$0]) + 1] }
  }

  private static func rows(_ offsets: Buffer<Int32>, _ lists: Column) -> Buffer<Int32> {
    var rows = MutableBuffer<Int32>(capacity: Int(offsets[lists.count] - offsets[0]))
    let offsets = offsets.span
    for row in 0..<lists.count where !lists.isNull(row) {
      rows.append(repeating: Int32(row), count: Int(offsets[row + 1] - offsets[row]))
    }
    return rows.take()
  }

  private static func places(_ offsets: Buffer<Int32>, _ lists: Column) -> Buffer<Int32> {
    var places = MutableBuffer<Int32>()
    for row in 0..<lists.count where !lists.isNull(row) {
      for place in offsets[row]..<offsets[row + 1] { places.append(place) }
    }
    return places.take()
  }
}
