import Columnar
import Diagnostics

/// Functions that take a regular expression.
enum RegexBinding {
  typealias Maker = @Sendable (CompiledPattern?) -> Kernel

  /// The pattern of a constant argument, checked before any row comes; nil when it comes with the
  /// rows.
  static func constant(_ node: Node, _ binder: Binder) throws -> CompiledPattern? {
    guard let column = node.constant, !column.isNull(0) else { return nil }
    do throws(Reason) {
      return try Regex.compiled(column.strings.string(0))
    } catch {
      throw binder.failure(error.message, node.range)
    }
  }

  static func call(
    _ call: CallBinder, _ maker: Maker, _ type: DataType, _ rest: [Node] = []
  ) throws -> Node {
    let (text, pattern) = (try call.argument(0, .text), try call.argument(1, .text))
    let kernel = maker(try constant(pattern, call.binder))
    return call.call(kernel, [text, pattern] + rest, type)
  }

  /// With the number of a group, 1 unless it is given.
  static func withGroup(_ call: CallBinder, _ maker: Maker, _ type: DataType) throws -> Node {
    let one = Node(.constant(Column([Int32(1)])), .int, range: call.range)
    return try self.call(call, maker, type, [call.count > 2 ? try call.argument(2, .int) : one])
  }

  static func replace(_ call: CallBinder) throws -> Node {
    var rest = [try call.argument(2, .text)]
    if call.count > 3 {
      let place = try call.argument(3, .int)
      if let constant = place.constant, !constant.isNull(0), constant.int32s[0] < 1 {
        throw call.failure("\(call.name)(): places are counted from 1", place.range)
      }
      rest.append(place)
    }
    return try self.call(call, Regex.replace, .string, rest)
  }
}

extension Function {
  static let regexFunctions: [Function] = [
    Function(
      "regexp_like", "rlike", "regexp", in: .text, "regexp_like(text, pattern)",
      "whether a regular expression matches some part of the text; also text RLIKE pattern",
      "regexp_like('Spark', '^S.*k$')", count: 2...2
    ) { try RegexBinding.call($0, Regex.matches, .boolean) },
    Function(
      "regexp_extract", in: .text, "regexp_extract(text, pattern[, group])",
      "a group (1) of the first match, 0 for all of it; empty without one",
      "regexp_extract('100-200', '([0-9]+)-([0-9]+)', 2)", count: 2...3
    ) { try RegexBinding.withGroup($0, Regex.extract, .string) },
    Function(
      "regexp_extract_all", in: .text, "regexp_extract_all(text, pattern[, group])",
      "a group (1) of each match", "regexp_extract_all('a1b2', '[a-z]([0-9])')", count: 2...3
    ) { try RegexBinding.withGroup($0, Regex.extractAll, .array(.string)) },
    Function(
      "regexp_replace", in: .text, "regexp_replace(text, pattern, replacement[, start])",
      "each match replaced; $1 stands for the first group",
      "regexp_replace('100-200', '([0-9]+)-([0-9]+)', '$2-$1')", count: 3...4,
      bind: RegexBinding.replace),
    Function(
      "regexp_count", in: .text, "regexp_count(text, pattern)", "how many matches there are",
      "regexp_count('banana', 'an')", count: 2...2
    ) { try RegexBinding.call($0, Regex.count, .int) },
    Function(
      "regexp_substr", in: .text, "regexp_substr(text, pattern)",
      "the first match; null without one", "regexp_substr('banana', 'n.')", count: 2...2
    ) { try RegexBinding.call($0, Regex.first, .string) },
    Function(
      "regexp_instr", in: .text, "regexp_instr(text, pattern)",
      "the place of the first match, from 1; 0 without one", "regexp_instr('banana', 'n')",
      count: 2...3
    ) { call in
      // The number of a group is taken and has no effect, as in Spark.
      if call.count > 2 { _ = try call.argument(2, .int) }
      return try RegexBinding.call(call, Regex.place, .int)
    },
  ]
}
