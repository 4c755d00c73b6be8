internal import Diagnostics

/// What SQLite has against a statement, in our words.
struct StatementError {
  let text: SQLText
  /// Of the input, and of all tables.
  let columns: [String]
  let tables: [String]

  /// - Parameters:
  ///   - said: SQLite's own words.
  ///   - offset: where in the statement; nil where SQLite does not say.
  func error(_ said: String, at offset: Int?) -> StreamError {
    let excerpt = offset.map { place in
      let token = text.tokens.first { $0.range.lowerBound == place }
      return Excerpt(text.text, token?.range ?? place..<place)
    }
    if let name = said.rest(behind: "no such column: ") {
      return unknown("column", String(name.split(separator: ".").last ?? ""), columns, excerpt)
    }
    if let name = said.rest(behind: "no such table: ") {
      var error = unknown("table", name, tables, nil)
      if !error.message.contains("did you mean") { error.hint = "--table \(name)=FILE" }
      return error
    }
    return StreamError(.usage, said, excerpt: excerpt)
  }

  private func unknown(
    _ kind: String, _ name: String, _ names: [String], _ excerpt: Excerpt?
  ) -> StreamError {
    let meant = nearest(to: name, among: names).map { " (did you mean '\($0)'?)" } ?? ""
    let isString =
      excerpt.map { excerpt in
        text.tokens.contains { $0.range == excerpt.range && $0.kind == .quotedName }
      } ?? false
    return StreamError(
      .usage, "no \(kind) '\(name)'\(meant); \(kind)s: \(names.joined(separator: ", "))",
      excerpt: excerpt, hint: isString ? "a string stands in single quotes: '\(name)'" : nil)
  }
}

extension String {
  fileprivate func rest(behind prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
