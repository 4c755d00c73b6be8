import Columnar

/// A function of arrays (or maps) and of a lambda that is applied to their elements.
///
/// The lambda's body is evaluated once over all elements of a batch, each beside the columns of
/// its row.
struct HigherOrderCall: Sendable {
  let function: HigherOrderFunction
  /// Arrays or maps; for `aggregate` the array and the start.
  let arguments: [Node]
  /// Over the columns of the frame, then the variables of the lambda.
  let body: Node
  /// How many variables the lambda has.
  let parameterCount: Int

  func evaluate(_ type: DataType, in frame: Frame) throws -> Vector {
    let columns = try arguments.map { try $0.evaluate(in: frame).spread(over: frame.rowCount) }
    switch function {
    case .aggregate: return Vector(try fold(columns, type, in: frame))
    case .zipWith: return Vector(try zip(columns, type, in: frame))
    case .sort: return Vector(try sorted(columns[0], in: frame))
    case .zipMaps: return Vector(try zippedMaps(columns, type, in: frame))
    default: break
    }
    let lists = CompactLists(columns[0])
    let results = try apply(to: lists, in: frame)
    switch function {
    case .transform:
      let storage = Storage.list(offsets: lists.offsets, elements: results)
      return Vector(Column(type, storage, validity: columns[0].validity))
    case .filter:
      return Vector(filtered(lists, results, type, validity: columns[0].validity))
    case .exists: return Vector(quantified(lists, results, columns[0].validity, wanted: true))
    case .forall: return Vector(quantified(lists, results, columns[0].validity, wanted: false))
    case .transformKeys, .transformValues:
      return Vector(try replaced(lists, results, type, validity: columns[0].validity))
    case .aggregate, .zipWith, .sort, .zipMaps: preconditionFailure("handled above")
    }
  }

  /// The body's value for each element.
  private func apply(to lists: CompactLists, in frame: Frame) throws -> Column {
    guard lists.elements.count > 0 else { return .empty(body.type) }
    let rows = lists.rows()
    var variables: [Column]
    if case .map = arguments[0].type {
      variables = lists.elements.members
    } else {
      let positions = Buffer<Int32>(count: rows.count) { output in
        for slot in 0..<rows.count {
          output.append(Int32(truncatingIfNeeded: slot) - lists.offsets[Int(rows[slot])])
        }
      }
      variables = [lists.elements, Column(.int, .int32(positions))]
    }
    variables.removeLast(variables.count - parameterCount)
    return try evaluate(variables, rows, in: frame)
  }

  func evaluate(_ variables: [Column], _ rows: Buffer<Int32>, in frame: Frame) throws
    -> Column
  {
    do {
      let inner = frame.expanding(rows, variables: variables)
      return try body.evaluate(in: inner).spread(over: rows.count)
    } catch var failure as RowFailure {
      failure.row = Int(rows[failure.row])
      throw failure
    }
  }

  private func filtered(
    _ lists: CompactLists, _ keep: Column, _ type: DataType, validity: Bitmap?
  ) -> Column {
    let kept = Vector(keep).trues(count: keep.count)
    var offsets = MutableBuffer<Int32>(capacity: lists.offsets.count)
    var count: Int32 = 0
    offsets.append(0)
    for row in 0..<lists.offsets.count - 1 {
      for slot in Int(lists.offsets[row])..<Int(lists.offsets[row + 1]) where kept[slot] {
        count += 1
      }
      offsets.append(count)
    }
    let elements = lists.elements.gathering(kept.setIndices())
    return Column(type, .list(offsets: offsets.take(), elements: elements), validity: validity)
  }

  /// `exists` looks for a true (`wanted`), `forall` for a false; null when only nulls could tell.
  private func quantified(
    _ lists: CompactLists, _ tests: Column, _ validity: Bitmap?, wanted: Bool
  ) -> Column {
    let results = (0..<lists.offsets.count - 1).map { row -> Bool? in
      if let validity, !validity[row] { return nil }
      var hasNull = false
      for slot in Int(lists.offsets[row])..<Int(lists.offsets[row + 1]) {
        if tests.isNull(slot) {
          hasNull = true
        } else if tests.booleans[slot] == wanted {
          return wanted
        }
      }
      return hasNull ? nil : !wanted
    }
    return Column(results)
  }

  private func replaced(
    _ lists: CompactLists, _ results: Column, _ type: DataType, validity: Bitmap?
  ) throws -> Column {
    let entries = lists.elements.members
    let (keys, values) = function == .transformKeys ? (results, entries[1]) : (entries[0], results)
    func list(_ elements: Column) -> Column {
      Column(
        .array(elements.type), .list(offsets: lists.offsets, elements: elements), validity: validity
      )
    }
    return try Maps.assembled(list(keys), list(values), type)
  }

  // MARK: - Two arrays

  private func zip(_ columns: [Column], _ type: DataType, in frame: Frame) throws -> Column {
    let validity = commonValidity(of: columns.map { Vector($0) }, count: frame.rowCount)
    let lists = columns.map { $0.list }
    var left = ListAssembly(of: lists[0].elements.type)
    var right = ListAssembly(of: lists[1].elements.type)
    let bases = (left.add(lists[0].elements), right.add(lists[1].elements))
    for row in 0..<frame.rowCount {
      if validity.map({ $0[row] }) ?? true {
        let ranges = lists.map { Int($0.offsets[row])..<Int($0.offsets[row + 1]) }
        let longest = max(ranges[0].count, ranges[1].count)
        left.append(ranges[0], from: bases.0)
        for _ in ranges[0].count..<longest { left.appendNull() }
        right.append(ranges[1], from: bases.1)
        for _ in ranges[1].count..<longest { right.appendNull() }
      }
      left.closeList()
      right.closeList()
    }
    let first = CompactLists(left.take(columns[0].type))
    let second = CompactLists(right.take(columns[1].type))
    let results =
      first.elements.count == 0
      ? Column.empty(body.type)
      : try evaluate([first.elements, second.elements], first.rows(), in: frame)
    return Column(type, .list(offsets: first.offsets, elements: results), validity: validity)
  }

  // MARK: - Folding

  /// `aggregate(array, start, (sum, x) -> …)`: step by step, in each over all rows that have that
  /// many elements.
  private func fold(_ columns: [Column], _ type: DataType, in frame: Frame) throws -> Column {
    let lists = CompactLists(columns[0])
    var result = columns[1]
    var step: Int32 = 0
    while true {
      let rows = Buffer<Int32>(
        (0..<frame.rowCount).filter { lists.offsets[$0 + 1] - lists.offsets[$0] > step }
          .map { Int32(truncatingIfNeeded: $0) })
      if rows.count == 0 { break }
      let slots = Buffer<Int32>((0..<rows.count).map { lists.offsets[Int(rows[$0])] + step })
      let variables = [result.gathering(rows), lists.elements.gathering(slots)]
      let next = try evaluate(variables, rows, in: frame)
      result = result.replacing(rows, with: next)
      step += 1
    }
    guard let valid = columns[0].validity else { return result }
    return result.replacing(validity: result.validity.map { $0 & valid } ?? valid)
  }
}

extension Column {
  /// The column with other values at some rows.
  func replacing(_ rows: Buffer<Int32>, with values: Column) -> Column {
    var slots = MutableBuffer<Int32>(capacity: count)
    for row in 0..<count { slots.append(Int32(truncatingIfNeeded: row)) }
    for index in 0..<rows.count {
      slots[Int(rows[index])] = Int32(truncatingIfNeeded: count + index)
    }
    return Column.concatenating([self, values], type: type).gathering(slots.take())
  }
}

enum HigherOrderFunction: Sendable {
  case transform
  case filter
  case exists
  case forall
  case zipWith
  /// The lambda compares two elements.
  case sort
  case zipMaps
  case aggregate
  case transformKeys
  case transformValues

  var canFail: Bool { self == .transformKeys || self == .sort || self == .zipMaps }
}
