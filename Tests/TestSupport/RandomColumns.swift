package import Columnar

/// Types that reach every storage form, nested ones too.
package let someTypes: [DataType] = [
  .void, .boolean, .tinyint, .smallint, .int, .bigint, .float, .double,
  .decimal(precision: 20, scale: 3), .string, .binary, .timestamp, .date, .dayTimeInterval,
  .yearMonthInterval, .array(.string), .map(key: .string, value: .array(.bigint)),
  .structure([Field("a", .int), Field("b", .array(.structure([Field("c", .boolean)])))]),
  .structure([]),
]

package func randomValue(_ type: DataType, _ random: inout SplitMix64) -> Value {
  if Int.random(in: 0..<5, using: &random) == 0 { return .null }
  switch type {
  case .void: return .null
  case .boolean: return .boolean(.random(using: &random))
  case .tinyint: return .integer(.random(in: -128...127, using: &random))
  case .smallint, .int, .date, .yearMonthInterval:
    return .integer(.random(in: -30_000...30_000, using: &random))
  case .bigint, .timestamp, .dayTimeInterval:
    return .integer(Int64(truncatingIfNeeded: random.next()))
  case .float, .double: return .double(Double(Int.random(in: -99...99, using: &random)) / 8)
  case .decimal: return .decimal(Int128(Int64(truncatingIfNeeded: random.next())) * 10)
  case .string:
    return .string(String(repeating: "é-", count: Int.random(in: 0...4, using: &random)))
  case .binary:
    return .binary((0..<Int.random(in: 0...5, using: &random)).map { UInt8($0 * 50) })
  case .array(let element): return .list(randomList(element, &random))
  case .map(let key, let value):
    return .list(
      (0..<Int.random(in: 0...3, using: &random)).map { index in
        let name = key == .string ? Value.string("k\(index)") : .integer(Int64(index))
        return .structure([name, randomValue(value, &random)])
      })
  case .structure(let fields): return .structure(fields.map { randomValue($0.type, &random) })
  }
}

private func randomList(_ type: DataType, _ random: inout SplitMix64) -> [Value] {
  (0..<Int.random(in: 0...3, using: &random)).map { _ in randomValue(type, &random) }
}

package func randomValues(_ type: DataType, count: Int, seed: UInt64) -> [Value] {
  var random = SplitMix64(seed: seed)
  return (0..<count).map { _ in randomValue(type, &random) }
}

package let someCounts = [0, 1, 63, 64, 65, 200]

/// - Returns: a batch of random values; each column has a seed of its own.
package func randomBatch(_ schema: Schema, rowCount: Int, seed: UInt64) -> Batch {
  let columns = schema.fields.enumerated().map { index, field in
    let values = randomValues(field.type, count: rowCount, seed: seed &* 1000 &+ UInt64(index))
    return Column(field.type, values: values)
  }
  return Batch(schema: schema, columns: columns, rowCount: rowCount)
}
