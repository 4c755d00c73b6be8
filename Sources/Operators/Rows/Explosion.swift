import Columnar
import Expressions

/// The elements of a column of arrays or maps, one row each.
struct Explosion {
  /// As ``BoundExplosion/fields`` says: the position, then the element or key and value.
  let columns: [Column]
  /// How many there are.
  let rowCount: Int
  private let lists: Column
  private let keepsEmpty: Bool

  /// - Parameter lists: the value of `form.expression`; in it a null is like an empty list.
  init(_ lists: Column, _ form: BoundExplosion) {
    self.lists = lists
    keepsEmpty = form.keepsEmpty
    let elements = Explosion.elements(lists, keepsEmpty: form.keepsEmpty)
    rowCount = elements.count
    let positions = form.hasPosition ? [Explosion.positions(lists, form.keepsEmpty)] : []
    if form.opensStructs || lists.isMap, case .structure(let parts, _) = elements.storage {
      columns = positions + parts.map { $0.masked(by: elements.validity) }
    } else {
      columns = positions + [elements]
    }
  }

  /// The row that each element came from, ascending.
  func rows() -> Buffer<Int32> {
    var rows = MutableBuffer<Int32>(capacity: rowCount)
    Explosion.forEachList(lists) { row, range in
      let count = keepsEmpty ? max(range.count, 1) : range.count
      rows.append(repeating: Int32(row), count: count)
    }
    return rows.take()
  }

  /// The elements' own column is the result where lists lie one behind the other, as they do when a
  /// function has just made them; nothing is copied then.
  private static func elements(_ lists: Column, keepsEmpty: Bool) -> Column {
    guard case .list(let offsets, let elements) = lists.storage else {
      preconditionFailure("arrays or maps")
    }
    var (hasGap, hasEmpty) = (false, false)
    if lists.validity != nil || keepsEmpty {
      for row in 0..<lists.count {
        let isEmpty = offsets[row] == offsets[row + 1]
        hasGap = hasGap || lists.isNull(row) && !isEmpty
        hasEmpty = hasEmpty || lists.isNull(row) || isEmpty
      }
    }
    if keepsEmpty && hasEmpty { return elements.gatheringOrNull(places(lists, keepsEmpty: true)) }
    if hasGap { return elements.gathering(places(lists, keepsEmpty: false)) }
    return elements[Int(offsets[0])..<Int(offsets[lists.count])]
  }

  /// - Returns: where each element stands; -1 for that of an empty list that is kept.
  private static func places(_ lists: Column, keepsEmpty: Bool) -> Buffer<Int32> {
    var places = MutableBuffer<Int32>()
    forEachList(lists) { _, range in
      for place in range { places.append(Int32(place)) }
      if range.isEmpty && keepsEmpty { places.append(-1) }
    }
    return places.take()
  }

  private static func positions(_ lists: Column, _ keepsEmpty: Bool) -> Column {
    var positions = MutableBuffer<Int32>()
    var validity = ValidityBuilder()
    forEachList(lists) { _, range in
      for position in 0..<range.count {
        positions.append(Int32(position))
        validity.appendValid()
      }
      if range.isEmpty && keepsEmpty {
        positions.append(0)
        validity.appendNull()
      }
    }
    return Column(.int, .int32(positions.take()), validity: validity.take())
  }

  private static func forEachList(_ lists: Column, _ body: (Int, Range<Int>) -> Void) {
    guard case .list(let offsets, _) = lists.storage else { return }
    for row in 0..<lists.count {
      let start = Int(offsets[row])
      body(row, start..<(lists.isNull(row) ? start : Int(offsets[row + 1])))
    }
  }
}

extension Column {
  fileprivate var isMap: Bool {
    if case .map = type { true } else { false }
  }

  /// The values at these positions; a null for -1.
  fileprivate func gatheringOrNull(_ places: Buffer<Int32>) -> Column {
    let source = places.span
    // An empty list has nothing that could stand under its null.
    let one = count == 0 ? Column(type, values: [.null]) : self
    var validity = BitmapBuilder(capacity: places.count)
    let rows = Buffer<Int32>(count: places.count) { output in
      for slot in source.indices {
        output.append(max(source[slot], 0))
        validity.append(source[slot] >= 0)
      }
    }
    return one.gathering(rows).masked(by: validity.take())
  }

  /// Null also where `mask` has a 0.
  func masked(by mask: Bitmap?) -> Column {
    guard let mask, type != .void else { return self }
    return replacing(validity: validity.map { $0 & mask } ?? mask)
  }
}
