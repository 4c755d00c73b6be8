import Columnar

extension HigherOrderCall {
  /// `array_sort(array, (a, b) -> …)`: a merge sort of all rows at once, in which every merge that
  /// is going on asks for one comparison at a time.
  func sorted(_ column: Column, in frame: Frame) throws -> Column {
    let lists = CompactLists(column)
    var slots = (0..<lists.elements.count).map { Int32($0) }
    var length = 1
    let longest = (0..<column.count).map { Int(lists.offsets[$0 + 1] - lists.offsets[$0]) }.max()
    while length < longest ?? 0 {
      try mergeRuns(of: length, lists, &slots, in: frame)
      length *= 2
    }
    let elements =
      lists.elements.count == 0 ? lists.elements : lists.elements.gathering(Buffer(slots))
    return Column(
      column.type, .list(offsets: lists.offsets, elements: elements), validity: column.validity)
  }

  /// Two runs of a row that become one.
  private struct Merge {
    let row: Int32
    var left: Range<Int>
    var right: Range<Int>
    var target: Int
  }

  private func mergeRuns(
    of length: Int, _ lists: CompactLists, _ slots: inout [Int32], in frame: Frame
  ) throws {
    var merges: [Merge] = []
    for row in 0..<lists.offsets.count - 1 {
      let end = Int(lists.offsets[row + 1])
      for start in stride(from: Int(lists.offsets[row]), to: end, by: length * 2) {
        let middle = min(start + length, end)
        merges.append(
          Merge(
            row: Int32(row), left: start..<middle, right: middle..<min(middle + length, end),
            target: start))
      }
    }
    var result = slots
    var active = merges.indices.filter { !merges[$0].right.isEmpty }
    while !active.isEmpty {
      let rows = Buffer(active.map { merges[$0].row })
      let lefts = Buffer(active.map { slots[merges[$0].left.lowerBound] })
      let rights = Buffer(active.map { slots[merges[$0].right.lowerBound] })
      let order = try evaluate(
        [lists.elements.gathering(lefts), lists.elements.gathering(rights)], rows, in: frame)
      for (place, index) in active.enumerated() {
        guard !order.isNull(place) else {
          throw RowFailure(
            row: Int(rows[place]),
            Reason("COMPARATOR_RETURNS_NULL", "the lambda compares two elements and gives null"))
        }
        // Equal elements stay in their order.
        let takesRight = order.int32s[place] > 0
        let source = takesRight ? merges[index].right : merges[index].left
        result[merges[index].target] = slots[source.lowerBound]
        merges[index].target += 1
        let rest = source.lowerBound + 1..<source.upperBound
        if takesRight { merges[index].right = rest } else { merges[index].left = rest }
      }
      active.removeAll { merges[$0].left.isEmpty || merges[$0].right.isEmpty }
    }
    for merge in merges {
      var target = merge.target
      for slot in Array(merge.left) + Array(merge.right) {
        result[target] = slots[slot]
        target += 1
      }
    }
    slots = result
  }

  /// `map_zip_with(a, b, (k, x, y) -> …)`: the keys of both, those of the first map first.
  func zippedMaps(_ columns: [Column], _ type: DataType, in frame: Frame) throws -> Column {
    let validity = commonValidity(of: columns.map { Vector($0) }, count: frame.rowCount)
    let maps = columns.map { $0.list }
    let (first, second) = (maps[0].elements.members, maps[1].elements.members)
    var keys = ListAssembly(of: first[0].type)
    var left = ListAssembly(of: first[1].type)
    var right = ListAssembly(of: second[1].type)
    let bases = (keys.add(first[0]), keys.add(second[0]))
    let (leftBase, rightBase) = (left.add(first[1]), right.add(second[1]))
    for row in 0..<frame.rowCount {
      if validity.map({ $0[row] }) ?? true {
        let ranges = maps.map { Int($0.offsets[row])..<Int($0.offsets[row + 1]) }
        var others: [Value: Int] = [:]
        for slot in ranges[1] { others[second[0].value(slot)] = slot }
        for slot in ranges[0] {
          keys.append(bases.0 + slot)
          left.append(leftBase + slot)
          if let other = others.removeValue(forKey: first[0].value(slot)) {
            right.append(rightBase + other)
          } else {
            right.appendNull()
          }
        }
        for slot in ranges[1] where others[second[0].value(slot)] != nil {
          keys.append(bases.1 + slot)
          left.appendNull()
          right.append(rightBase + slot)
        }
      }
      keys.closeList(isNull: validity.map { !$0[row] } ?? false)
      left.closeList()
      right.closeList()
    }
    let keyLists = keys.take(.array(first[0].type))
    let lists = CompactLists(keyLists)
    let variables = [
      lists.elements, CompactLists(left.take(.array(first[1].type))).elements,
      CompactLists(right.take(.array(second[1].type))).elements,
    ]
    let results =
      lists.elements.count == 0
      ? Column.empty(body.type) : try evaluate(variables, lists.rows(), in: frame)
    let values = Column(
      .array(body.type), .list(offsets: lists.offsets, elements: results),
      validity: keyLists.validity)
    let compact = Column(
      .array(first[0].type), .list(offsets: lists.offsets, elements: lists.elements),
      validity: keyLists.validity)
    return try Maps.assembled(compact, values, type)
  }
}
