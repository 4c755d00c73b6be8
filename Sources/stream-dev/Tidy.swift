/// The house rules that a machine can check.
struct Tidy {
  static let lineCountMax = 500
  static let functionLineCountMax = 70

  /// What may stand at the top level.
  static let topLevel = [
    "Makefile", "Package.resolved", "Package.swift", "README.md", "Sources", "Tests", "completions",
    "man",
  ]

  /// A module imports only modules that stand before it.
  static let moduleOrder = [
    "CKernels", "CNumbers", "CChecksum", "CProcess", "CZstd", "CZlib", "CSQLite", "CPCRE2",
    "Diagnostics", "Scalars", "Columnar", "Compression", "JSONText", "ArrowIPC", "Parquet", "Wire",
    "Checkpoint",
    "State", "Expressions", "Formats", "Operators", "Connectors", "SQLiteConnector", "Toolkit",
    "Tables",
    "stream_source", "stream_map", "stream_window", "stream_agg", "stream_dedup", "stream_state",
    "stream_join", "stream_union", "stream_sql", "stream_sink",
    "stream_query", "stream_tools", "stream_dev",
  ]

  /// Pairs that the order alone would allow and the design does not.
  static let forbiddenImports: [String: [String]] = [
    "Operators": ["Wire", "Formats", "ArrowIPC", "Connectors", "Toolkit"],
    "Expressions": ["Wire", "ArrowIPC", "Formats"],
    "Connectors": ["Expressions", "Operators"],
    "SQLiteConnector": ["Expressions", "Operators"],
    "stream_window": ["Formats", "Connectors"],
    "stream_agg": ["Formats", "Connectors"],
    "stream_dedup": ["Formats", "Connectors"],
    "stream_union": ["Formats", "Connectors"],
  ]

  func findings() throws -> [String] {
    var found: [String] = []
    let all = try files(below: ".")
    let top = Set(all.map { String($0.split(separator: "/")[0]) })
    for name in top.sorted() where !Tidy.topLevel.contains(name) {
      found.append("\(name): does not belong at the top level")
    }
    for path in all where path.hasSuffix(".swift") && path != "Package.swift" {
      found += findings(in: path, text: try text(of: path))
    }
    for path in all where Tidy.isProse(path) {
      found += Tidy.leftovers(in: path, text: try text(of: path))
    }
    return found
  }

  private static func isProse(_ path: String) -> Bool {
    [".swift", ".md", ".py", ".sh", ".h", ".c", ".cpp", ".1", ".5", ".7", "Makefile"]
      .contains { path.hasSuffix($0) }
  }

  private func findings(in path: String, text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var found: [String] = []
    let isTable = path.contains("+Generated") || path.contains("Table.swift")
    if lines.count > Tidy.lineCountMax, !isTable {
      found.append("\(path): \(lines.count) lines, more than \(Tidy.lineCountMax): split it")
    }
    return found + Tidy.longFunctions(in: path, lines: lines)
      + Tidy.wrongImports(in: path, lines: lines)
  }

  /// A function runs from its `func` or `init` to the closing brace of the same indentation.
  private static func longFunctions(in path: String, lines: [String]) -> [String] {
    var found: [String] = []
    for (index, line) in lines.enumerated() {
      let body = line.drop { $0 == " " }
      let words = body.split(separator: " ")
      let isFunction =
        words.contains("func") || body.hasPrefix("init(") || body.contains(" init(")
      guard isFunction, !body.hasPrefix("//"), !body.hasSuffix("}") else { continue }
      let indentation = line.count - body.count
      let closing = String(repeating: " ", count: indentation) + "}"
      guard let end = lines[index...].firstIndex(of: closing) else { continue }
      if end - index + 1 > functionLineCountMax {
        found.append("\(path):\(index + 1): a function of \(end - index + 1) lines")
      }
    }
    return found
  }

  private static func wrongImports(in path: String, lines: [String]) -> [String] {
    let parts = path.split(separator: "/")
    guard parts.count > 2, parts[0] == "Sources" else { return [] }
    let module = String(parts[1].map { $0 == "-" ? "_" : $0 })
    guard let place = moduleOrder.firstIndex(of: module) else {
      return ["\(path): module \(module) has no place in the order of modules"]
    }
    var found: [String] = []
    for line in lines {
      let words = line.split(separator: " ")
      guard let position = words.firstIndex(of: "import"), position < 2, position + 1 < words.count
      else { continue }
      let imported = String(words[position + 1])
      if imported == "Foundation" { found.append("\(path): imports full Foundation") }
      let isAbove = moduleOrder.firstIndex(of: imported).map { $0 < place } ?? true
      if !isAbove || forbiddenImports[module]?.contains(imported) == true {
        found.append("\(path): \(module) must not import \(imported)")
      }
    }
    return found
  }

  /// What has no business in a finished file. Spelt in halves, so that this file passes.
  private static func leftovers(in path: String, text: String) -> [String] {
    let words = [
      "TO" + "DO", "FIX" + "ME", "/wo" + "rk/", "/ro" + "ot/", "../sha" + "red", "<<<<" + "<<<",
      ">>>>" + ">>>",
    ]
    return words.filter { text.contains($0) }.map { "\(path): contains '\($0)'" }
  }
}
