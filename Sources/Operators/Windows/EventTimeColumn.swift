import Columnar
import Diagnostics

extension Schema {
  /// The column of the event time.
  ///
  /// - Parameter name: nil where none is declared.
  /// - Returns: nil, too, where the column is not there any more.
  /// - Throws: a usage error for a column that is no timestamp.
  func eventTime(named name: String?) throws -> Int? {
    guard let index = name.flatMap({ self.index(of: $0) }) else { return nil }
    let field = fields[index]
    guard field.type == .timestamp else {
      throw StreamError(
        .usage, "the event time '\(field.name)' is of type \(field.type), not a timestamp")
    }
    return index
  }
}
