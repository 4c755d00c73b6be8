internal import Columnar
internal import Diagnostics
internal import Formats
internal import Parquet

/// A Parquet file, or the rows of it from one to another, that is being read.
final class ParquetPart: BatchPart {
  let segment: FileSegment?
  private(set) var position: Int64 = 0

  private let file: ParquetFile

  /// Holds the descriptor open.
  private let input: DescriptorInput
  private var rows: ParquetRows?
  private var output = Schema([])
  /// For each column that is given out, which of those that are read it is; nil for nulls.
  private var sources: [Int?] = []
  /// Read, behind rows that were passed over.
  private var pending: Batch?

  /// - Parameter segment: nil for standard input.
  init(_ segment: FileSegment?, _ opener: InputOpener) throws(StreamError) {
    if let segment, segment.isPart { try segment.checkUnchanged() }
    self.segment = segment
    input = try opener.openSeekable(segment)
    do throws(ParquetError) {
      file = try ParquetFile(descriptor: input.descriptor)
    } catch {
      throw error.streamError(in: segment?.file.name)
    }
  }

  var record: Schema { file.schema }

  var consumedCount: Int64 { file.consumedCount }

  var isAtRest: Bool { true }

  func wait(until deadline: Deadline) -> Bool { true }

  /// Goes to the first row, too.
  func select(
    _ places: [ColumnPlace?], as output: Schema, where condition: RowCondition
  ) throws(StreamError) {
    self.output = output
    var nodes: [SchemaNode] = []
    for place in places {
      guard let node = place.flatMap({ file.node($0) }) else {
        sources.append(nil)
        continue
      }
      sources.append(nodes.count)
      nodes.append(node)
    }
    let start = min(segment?.start ?? 0, Int64(file.rowCount))
    do throws(ParquetError) {
      let groups = file.groups(where: translated(condition, places))
      let rows = try ParquetRows(file, columns: nodes, groups: groups)
      try rows.skip(to: Int(start))
      self.rows = rows
    } catch {
      throw error.streamError(in: name)
    }
    position = start
  }

  /// The same on columns of the file; what is not there says nothing.
  private func translated(_ condition: RowCondition, _ places: [ColumnPlace?]) -> RowCondition {
    condition.replacing { condition in
      guard let column = output.fields.firstIndex(where: { $0.name == condition.path.first }),
        let path = places[column].flatMap({ file.path($0) })
      else { return .always }
      return .column(
        ColumnCondition(path + condition.path.dropFirst(), condition.comparison, condition.value))
    }
  }

  func next() throws(StreamError) -> BatchPartRows? {
    let end = min(segment?.end ?? .max, Int64(file.rowCount))
    guard position < end else { return nil }
    if pending == nil { pending = try read() }
    let next = Int64(rows?.position ?? 0) - Int64(pending?.rowCount ?? 0)
    if next > position {
      let count = min(next, end) - position
      position += count
      return .passedOver(Int(count))
    }
    return pending.take().map { .read(rows(of: $0, until: end)) }
  }

  private func rows(of batch: Batch, until end: Int64) -> Batch {
    let count = Int(min(Int64(batch.rowCount), end - position))
    position += Int64(count)
    let columns = zip(sources, output.fields).map { source, field in
      source.map { batch.columns[$0][0..<count] } ?? .nulls(field.type, count: count)
    }
    return Batch(schema: output, columns: columns, rowCount: count)
  }

  private func read() throws(StreamError) -> Batch? {
    do throws(ParquetError) {
      return try rows?.next()
    } catch {
      throw error.streamError(in: name)
    }
  }
}

extension ParquetFile {
  fileprivate func node(_ place: ColumnPlace) -> SchemaNode? {
    var node: SchemaNode? = columns[place.index]
    for member in place.members { node = node?.member(member) }
    return node
  }

  /// The names that lead to it.
  fileprivate func path(_ place: ColumnPlace) -> [String]? {
    var node = columns[place.index]
    var names = [node.name]
    for index in place.members {
      guard let member = node.member(index) else { return nil }
      node = member
      names.append(node.name)
    }
    return names
  }
}

extension ParquetError {
  func streamError(in file: String?) -> StreamError {
    let name = file ?? standardInputName
    switch self {
    case .foreign(let head):
      let isPacked = Packing(head: head.span) != nil
      return StreamError(
        .data, message, location: name,
        hint: isPacked ? "it is compressed as a whole: unpack it first" : nil)
    case .system: return StreamError(.io, message, location: name)
    case .unread: return StreamError(.usage, message, location: name)
    case .unsupported:
      return StreamError(
        .usage, message, location: name, hint: "take the others: --columns 'a, b'")
    default: return StreamError(.data, message, location: name)
    }
  }
}
