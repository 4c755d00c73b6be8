internal import Columnar
internal import Diagnostics
internal import Formats

/// The columns that are taken from files that say what they hold, by their names in the first.
struct FileColumns {
  let output: Schema
  private let selected: [SelectedColumn]
  private let firstFile: String

  /// - Parameters:
  ///   - list: `--columns`; nil for all.
  ///   - format: of the files.
  init(
    _ list: [ColumnSelection]?, of schema: Schema, in file: String?, _ format: Format
  ) throws(StreamError) {
    var options = ReadOptions()
    options.columns = list
    selected = try options.selection(from: schema)
    output = Schema(selected.map(\.field))
    firstFile = file ?? standardInputName
    for column in selected where !column.path.steps.allSatisfy(\.isMember) {
      let kind = format == .arrow ? "an Arrow" : "a Parquet"
      throw StreamError(
        .usage, "--columns: '\(column.path)' cannot be taken out of \(kind) file",
        hint: "take '\(column.path.head)', and then stream-map --with '\(column.path) AS item'")
    }
  }

  /// Where these columns are in a file: nil for one that it lacks.
  ///
  /// - Throws: a usage error when one is of another type there.
  func places(
    in schema: Schema, of file: String?, notices: Notices
  ) throws(StreamError) -> [ColumnPlace?] {
    let name = file ?? standardInputName
    var places: [ColumnPlace?] = []
    for column in selected {
      let place = ColumnPlace(column.path, in: schema)
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
    return places
  }
}

/// A column of a file, and the way into its structs.
struct ColumnPlace {
  let index: Int
  let members: [Int]
  let type: DataType
}

extension ColumnPlace {
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

extension FieldPath.Step {
  fileprivate var isMember: Bool {
    if case .member = self { true } else { false }
  }
}
