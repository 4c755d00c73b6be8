import Columnar

extension Schema {
  /// Fields of which some may have the same name: the second `a` becomes `a.2`.
  init(numberingEqualNames fields: [Field]) {
    var fields = fields
    var names: Set<String> = []
    for index in fields.indices {
      let name = fields[index].name
      let candidates = [name] + (2...fields.count + 1).map { "\(name).\($0)" }
      fields[index].name = candidates.first { !names.contains($0) } ?? name
      names.insert(fields[index].name)
    }
    self.init(fields)
  }
}
