internal import Columnar
internal import Diagnostics

/// What to do with a value.
enum JSONKind: UInt8 {
  case string, bigint
  /// `int` and smaller.
  case integer
  case double, float, decimal, boolean, timestamp, date, binary, void
  /// The text of any value, as it stands; a string's with its quotes.
  case text
  /// A column of structs.
  case structure
  case list, map
  /// An object or a map of which some members are wanted, but not the whole.
  case members
  /// An array of which some elements are wanted, but not the whole.
  case elements
  /// A value that is wanted more than once.
  case fork

  init(_ type: DataType) throws(StreamError) {
    switch type {
    case .void: self = .void
    case .boolean: self = .boolean
    case .tinyint, .smallint, .int: self = .integer
    case .bigint: self = .bigint
    case .float: self = .float
    case .double: self = .double
    case .decimal: self = .decimal
    case .string: self = .string
    case .binary: self = .binary
    case .timestamp: self = .timestamp
    case .date: self = .date
    case .array: self = .list
    case .map(key: .string, _): self = .map
    case .map:
      throw StreamError(
        .usage, "the keys of a map in JSON are strings, but the schema has \(type.phrase)",
        hint: "say 'map<string, …>' and cast the keys")
    case .structure: self = .structure
    case .dayTimeInterval, .yearMonthInterval:
      throw StreamError(
        .usage, "JSON has no intervals, but the schema has \(type.phrase)",
        hint: "read it as a string and cast it")
    }
  }
}

/// The values that are wanted of a record, as a tree: what is not in it is skipped.
struct JSONPlan: Sendable {
  struct Node: Sendable {
    let kind: JSONKind
    /// Of the value; for messages, and to tell new fields from known ones.
    let type: DataType
    /// The way to the value, for messages.
    let label: String
    /// They are neighbours in the list of nodes.
    let children: Range<Int>
    /// The key of each child of an object.
    let names: [[UInt8]]
    /// The position of each child of an array.
    let positions: [Int]
  }

  /// The first is the record; children come behind their parents.
  let nodes: [Node]
  /// The node of each column that comes out.
  let outputs: [Int]

  init(record: Schema, columns: [SelectedColumn]) throws(StreamError) {
    let root = JSONBranch(.members, .structure(record.fields), label: "")
    for (output, column) in columns.enumerated() {
      let steps = [.member(column.path.head)] + column.path.steps
      try root.want(steps[...], column.field.type, output: output)
    }
    var flat = JSONPlanBuilder()
    flat.lay(root)
    nodes = flat.nodes
    outputs = columns.indices.map { flat.outputs[$0] ?? 0 }
  }

  /// For records that each hold a value, whatever it is, and rows.
  ///
  /// - Parameters:
  ///   - value: the name of the value; the first output.
  ///   - rows: the name of an array with an object for each row; the second.
  ///   - others: fields that may be there, and are skipped.
  init(value: String, rows: Field, others: [String]) throws(StreamError) {
    let skipped = others.map { Field($0, .void) }
    let root = JSONBranch(
      .members, .structure([Field(value, .string), rows] + skipped), label: "")
    let text = JSONBranch(.text, .string, label: value)
    let list = try JSONBranch(whole: rows.type, label: rows.name)
    (text.output, list.output) = (0, 1)
    root.members = [(.member(value), [text]), (.member(rows.name), [list])]
    var flat = JSONPlanBuilder()
    flat.lay(root)
    nodes = flat.nodes
    outputs = [0, 1].map { flat.outputs[$0] ?? 0 }
  }

  /// The child of an object with that key, from 0 among its children; -1 if none is wanted.
  func child(of node: Int, named name: JSONCursor, count: Int) -> Int {
    let names = nodes[node].names
    for (child, candidate) in names.enumerated() where candidate.count == count {
      if unsafe candidate.span.isEqual(to: name.pointer) { return child }
    }
    return -1
  }

  /// Whether the schema of the object at `node` says nothing of a field of that name.
  func isNew(_ name: String, in node: Int) -> Bool {
    guard case .structure(let fields) = nodes[node].type else { return false }
    return !fields.contains { $0.name == name }
  }
}

/// A value that is wanted, or from which one is.
private final class JSONBranch {
  let kind: JSONKind
  let type: DataType
  let label: String
  var output: Int?
  var members: [(step: FieldPath.Step, wanted: [JSONBranch])] = []

  init(_ kind: JSONKind, _ type: DataType, label: String) {
    self.kind = kind
    self.type = type
    self.label = label
  }

  /// A whole value, with all that stands in it.
  convenience init(whole type: DataType, label: String) throws(StreamError) {
    self.init(try JSONKind(type), type, label: label)
    switch type {
    case .structure(let fields):
      for field in fields {
        try add(.member(field.name), field.type, label: "\(label).\(field.name)")
      }
    case .array(let element): try add(.element(0), element, label: "\(label)[]")
    case .map(_, let value):
      try add(.element(0), .string, label: label)
      try add(.element(1), value, label: "\(label)[]")
    default: break
    }
  }

  private func add(_ step: FieldPath.Step, _ type: DataType, label: String) throws(StreamError) {
    members.append((step, [try JSONBranch(whole: type, label: label)]))
  }

  /// Adds a column that is found some steps further on.
  func want(
    _ path: ArraySlice<FieldPath.Step>, _ type: DataType, output: Int
  ) throws(StreamError) {
    guard let step = path.first else { return }
    let rest = path.dropFirst()
    let index = members.firstIndex { $0.step == step } ?? members.count
    if index == members.count { members.append((step, [])) }
    let label = self.label(behind: step)
    guard let next = rest.first else {
      let column = try JSONBranch(whole: type, label: label)
      column.output = output
      members[index].wanted.append(column)
      return
    }
    let kind: JSONKind = if case .member = next { .members } else { .elements }
    let known = members[index].wanted.first { $0.kind == kind }
    let branch = known ?? JSONBranch(kind, self.type(behind: step), label: label)
    if known == nil { members[index].wanted.append(branch) }
    try branch.want(rest, type, output: output)
  }

  private func label(behind step: FieldPath.Step) -> String {
    switch step {
    case .member(let name): label.isEmpty ? name : "\(label).\(name)"
    case .element(let position): "\(label)[\(position)]"
    }
  }

  private func type(behind step: FieldPath.Step) -> DataType {
    switch (step, type) {
    case (.member(let name), .structure(let fields)):
      fields.first { $0.name == name }?.type ?? .void
    case (.member, .map(_, let value)): value
    case (.element, .array(let element)): element
    default: .void
    }
  }

  /// One branch for each member.
  var children: [JSONBranch] {
    members.map { member in
      if member.wanted.count == 1 { return member.wanted[0] }
      let fork = JSONBranch(.fork, member.wanted[0].type, label: member.wanted[0].label)
      fork.members = member.wanted.map { (.element(0), [$0]) }
      return fork
    }
  }
}

/// Lays a tree out in a list, level by level, so that children are neighbours.
private struct JSONPlanBuilder {
  var nodes: [JSONPlan.Node] = []
  /// The node of each column, by its number.
  var outputs: [Int: Int] = [:]

  mutating func lay(_ root: JSONBranch) {
    var queue = [root]
    var index = 0
    while index < queue.count {
      let branch = queue[index]
      let children = branch.children
      let start = queue.count
      queue.append(contentsOf: children)
      if let output = branch.output { outputs[output] = index }
      nodes.append(node(for: branch, children: start..<start + children.count))
      index += 1
    }
  }

  private func node(for branch: JSONBranch, children: Range<Int>) -> JSONPlan.Node {
    var names: [[UInt8]] = []
    var positions: [Int] = []
    for member in branch.members {
      switch member.step {
      case .member(let name): names.append(Array(name.utf8))
      case .element(let position): positions.append(position)
      }
    }
    return JSONPlan.Node(
      kind: branch.kind, type: branch.type, label: branch.label, children: children, names: names,
      positions: positions)
  }
}

extension Span<UInt8> {
  /// - Parameter other: as many readable bytes.
  @unsafe
  fileprivate func isEqual(to other: UnsafePointer<UInt8>) -> Bool {
    for index in indices where unsafe self[index] != other[index] { return false }
    return true
  }
}
