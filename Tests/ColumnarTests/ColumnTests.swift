import Columnar
import TestSupport
import Testing

@Suite("columns")
struct ColumnTests {
  @Test("give back the values they were built of", arguments: someTypes, someCounts)
  func roundTrip(type: DataType, count: Int) {
    let values = randomValues(type, count: count, seed: 1)
    let column = Column(type, values: values)
    #expect(column.count == count)
    #expect(column.values == values)
    #expect(column.nullCount == values.count { $0 == .null })
  }

  @Test("gather like an array is indexed", arguments: someTypes, someCounts)
  func gather(type: DataType, count: Int) {
    let values = randomValues(type, count: count, seed: 2)
    var random = SplitMix64(seed: 3)
    let rows =
      count == 0 ? [] : (0..<150).map { _ in Int32.random(in: 0..<Int32(count), using: &random) }
    let gathered = Column(type, values: values).gathering(Buffer(rows))
    #expect(gathered.values == rows.map { values[Int($0)] })
  }

  @Test("slice like an array, and slices of slices too", arguments: someTypes, someCounts)
  func slice(type: DataType, count: Int) {
    let values = randomValues(type, count: count, seed: 4)
    let column = Column(type, values: values)
    for (start, end) in [(0, count), (count / 3, count), (count / 2, count / 2), (1, count - 1)]
    where start <= end && end <= count {
      let part = column[start..<end]
      #expect(part.values == Array(values[start..<end]))
      #expect(part[0..<part.count / 2].values == Array(values[start..<start + part.count / 2]))
    }
  }

  @Test("join in order, slices too", arguments: someTypes)
  func concatenate(type: DataType) {
    let parts = someCounts.map { Column(type, values: randomValues(type, count: $0, seed: 5)) }
    let slices = parts.map { $0[$0.count / 4..<$0.count] }
    let joined = Column.concatenating(parts + slices, type: type)
    #expect(joined.values == (parts + slices).flatMap(\.values))
    #expect(Column.concatenating([], type: type).values.isEmpty)
  }

  @Test("order nulls first, NaN last, strings by bytes, members in turn")
  func order() {
    let doubles = Column([nil, -.infinity, -0.0, 0.0, 1.5, .infinity, .nan] as [Double?])
    let ranks = [0, 1, 2, 2, 3, 4, 5]
    for left in 0..<7 {
      for right in 0..<7 {
        let order = doubles.order(left, against: doubles, right)
        #expect(order.signum() == (ranks[left] - ranks[right]).signum())
      }
    }
    let strings = Column(["", "a", "ab", "b", "é"])
    for index in 1..<5 { #expect(strings.order(index - 1, against: strings, index) < 0) }
    let lists = Column(
      .array(.int),
      values: [.list([]), .list([.null]), .list([.integer(1)]), .list([.integer(1), .integer(0)])])
    for index in 1..<4 { #expect(lists.order(index - 1, against: lists, index) < 0) }
  }
}

@Suite("bitmaps")
struct BitmapTests {
  @Test("combine bit by bit", arguments: someCounts)
  func logic(count: Int) {
    var random = SplitMix64(seed: 6)
    let left = (0..<count).map { _ in Bool.random(using: &random) }
    let right = (0..<count).map { _ in Bool.random(using: &random) }
    let (a, b) = (Bitmap(left), Bitmap(right))
    #expect((a & b).bools == zip(left, right).map { $0 && $1 })
    #expect((a | b).bools == zip(left, right).map { $0 || $1 })
    #expect((a - b).bools == zip(left, right).map { $0 && !$1 })
    #expect((~a).bools == left.map { !$0 })
    #expect((~a).setCount == left.count { !$0 })
    #expect(a.setIndices().elements == left.indices.filter { left[$0] }.map { Int32($0) })
  }

  @Test("are cut anywhere", arguments: someCounts)
  func parts(count: Int) {
    var random = SplitMix64(seed: 7)
    let bits = (0..<count).map { _ in Bool.random(using: &random) }
    for start in 0...count where start % 7 < 2 {
      let part = Bitmap(bits)[start..<count]
      #expect(part.bools == Array(bits[start...]))
      #expect(part.setCount == bits[start...].count { $0 })
    }
  }
}

@Suite("buffers")
struct BufferTests {
  @Test("view a part of a block only if it lies inside")
  func views() {
    let block = Buffer<UInt8>((0..<32).map { UInt8($0) })
    #expect(Buffer<Int64>(block, byteOffset: 8, count: 3)?[0] == 0x0F0E_0D0C_0B0A_0908)
    #expect(Buffer<Int64>(block, byteOffset: 3, count: 1)?[0] == 0x0A09_0807_0605_0403)
    #expect(Buffer<Int64>(block, byteOffset: 8, count: 4) == nil)
    #expect(Buffer<Int64>(block, byteOffset: 40, count: 0) == nil)
    #expect(Buffer<Int64>(block, byteOffset: 0, count: .max) == nil)
    #expect(Buffer<Int64>(block, byteOffset: -8, count: 1) == nil)
  }

  @Test("grow and are handed over without a copy left behind")
  func grows() {
    var growing = MutableBuffer<Int32>()
    for value in 0..<1000 { growing.append(Int32(value)) }
    let taken = growing.take()
    growing.append(7)
    #expect(taken.elements == (0..<1000).map { Int32($0) })
    #expect(growing.take().elements == [7])
  }
}
