import Columnar

/// A scalar function: one row of the table from which binding, suggestions and the manual are
/// made.
package struct Function: Sendable {
  package enum Category: String, Sendable, CaseIterable {
    case arithmetic, text, time, array, map, structure, conditional, conversion, hash, other
  }

  /// The name that people read, then the others that mean the same.
  package let names: [String]
  package let category: Category
  /// `substring(text, start[, length])`.
  package let usage: String
  /// One line.
  package let summary: String
  /// An expression over no columns.
  package let example: String
  let arity: ClosedRange<Int>
  let meaning: Meaning

  enum Meaning: Sendable {
    /// The arguments have been bound.
    case scalar(@Sendable (CallBinder) throws -> Node)
    /// Arguments may be lambdas.
    case higherOrder(@Sendable (inout Binder, Syntax.Call, Range<Int>) throws -> Node)
  }

  package var name: String { names[0] }
}

extension Function {
  /// A function whose arguments have fixed types, the last `optional` of which may be left out.
  init(
    _ names: String..., in category: Category, _ usage: String, _ summary: String,
    _ example: String, takes parameters: [Parameter], optional: Int = 0,
    gives type: DataType, isTrying: Bool = false, _ kernel: Kernel
  ) {
    self.init(
      names: names, category: category, usage: usage, summary: summary, example: example,
      arity: parameters.count - optional...parameters.count,
      meaning: .scalar { binder in
        let arguments = try binder.arguments.indices.map { try binder.argument($0, parameters[$0]) }
        return binder.call(kernel, arguments, type, isTrying: isTrying)
      })
  }

  /// A function that looks at the types of its arguments.
  init(
    _ names: String..., in category: Category, _ usage: String, _ summary: String,
    _ example: String, count: ClosedRange<Int>,
    bind: @escaping @Sendable (CallBinder) throws -> Node
  ) {
    self.init(
      names: names, category: category, usage: usage, summary: summary, example: example,
      arity: count, meaning: .scalar(bind))
  }
}

/// Every scalar function by its names, in lower case.
package enum FunctionTable {
  package static let functions: [Function] =
    Function.textFunctions + Function.textSearchFunctions + Function.mathFunctions
    + Function.timeFunctions + Function.arrayFunctions + Function.conditionalFunctions
    + Function.conversionFunctions + Function.hashFunctions
    + Function.regexFunctions + Function.jsonFunctions + Function.csvFunctions
    + Function.textFormFunctions + Function.sketchFunctions

  static let byName: [String: Function] = {
    var table: [String: Function] = [:]
    for function in functions {
      for name in function.names { table[name] = function }
    }
    return table
  }()
}
