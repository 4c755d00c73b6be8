internal import ArrowIPC
internal import Columnar
internal import Diagnostics
internal import Formats

/// The columns that are taken from Arrow files, by their names in the first of them.
struct ArrowColumns {
  let output: Schema
  private let selected: [SelectedColumn]
  private let firstFile: String

  /// - Parameter list: `--columns`; nil for all.
  init(
    _ list: [ColumnSelection]?, of schema: Schema, in file: String?
  ) throws(StreamError) {
    var options = ReadOptions()
    options.columns = list
    selected = try options.selection(from: schema)
    output = Schema(selected.map(\.field))
    firstFile = file ?? standardInputName
    for column in selected where !column.path.steps.allSatisfy(\.isMember) {
      throw StreamError(
        .usage, "--columns: '\(column.path)' cannot be taken out of an Arrow file",
        hint: "take '\(column.path.head)', and then stream-map --with '\(column.path) AS item'")
    }
  }

  /// How these columns come out of a file.
  ///
  /// - Throws: a usage error when one is of another type there.
  func projection(
    from schema: Schema, in file: String?, notices: Notices
  ) throws(StreamError) -> ArrowProjection {
    let name = file ?? standardInputName
    var places: [ArrowProjection.Place?] = []
    for column in selected {
      let place = ArrowProjection.Place(column.path, in: schema)
      if let type = place?.type, type != column.field.type {
        throw StreamError(
          .usage,
          "'\(column.path)' is \(type.phrase) in '\(name)', but \(column.field.type.phrase) "
            + "in '\(firstFile)'")
      }
      if place == nil {
        notices.warn("'\(name)' has no column '\(column.path)': it is null in its rows", nil)
      }
      places.append(place)
    }
    return ArrowProjection(output: output, places: places)
  }
}

/// Takes columns out of the batches of one file.
struct ArrowProjection {
  /// A column of the file, and the way into its structs.
  struct Place {
    let index: Int
    let members: [Int]
    let type: DataType
  }

  let output: Schema
  let places: [Place?]

  func batch(_ rows: ArrowBatch) throws(ArrowError) -> Batch {
    var columns: [Column] = []
    for (place, field) in zip(places, output.fields) {
      guard let place else {
        columns.append(.nulls(field.type, count: rows.rowCount))
        continue
      }
      var column = try rows.column(place.index)
      for member in place.members { column = column.member(member) }
      columns.append(column)
    }
    return Batch(schema: output, columns: columns, rowCount: rows.rowCount)
  }
}

extension ArrowProjection.Place {
  init?(_ path: FieldPath, in schema: Schema) {
    guard let index = schema.index(of: path.head) else { return nil }
    var type = schema.fields[index].type
    var members: [Int] = []
    for case .member(let name) in path.steps {
      guard case .structure(let fields) = type, let member = Schema(fields).index(of: name)
      else { return nil }
      members.append(member)
      type = fields[member].type
    }
    self.init(index: index, members: members, type: type)
  }
}

extension Column {
  /// A field of a struct; null where the struct is.
  fileprivate func member(_ index: Int) -> Column {
    guard case .structure(let columns, _) = storage else { preconditionFailure("no struct") }
    let member = columns[index]
    guard let validity else { return member }
    return member.replacing(validity: member.validity.map { $0 & validity } ?? validity)
  }
}

extension FieldPath.Step {
  fileprivate var isMember: Bool {
    if case .member = self { true } else { false }
  }
}
