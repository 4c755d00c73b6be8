import Columnar
import Diagnostics

extension Function {
  static let csvFunctions: [Function] = [
    Function(
      "from_csv", in: .conversion, "from_csv(text, schema[, options])",
      "a record of CSV as a struct; fields that do not fit are null",
      "from_csv('1,x', 'a INT, b STRING')",
      count: 2...3, bind: CSVBinding.read),
    Function(
      "schema_of_csv", in: .conversion, "schema_of_csv(text[, options])",
      "the schema of a record of CSV that is a constant", "schema_of_csv('1,abc')", count: 1...2,
      bind: CSVBinding.schema),
    Function(
      "to_csv", in: .conversion, "to_csv(struct[, options])", "the fields of a struct as CSV",
      "to_csv(named_struct('a', 1, 'b', 'x'))", count: 1...2
    ) { call in
      guard case .structure(let fields) = call[0].type else { throw call.misfit(0, "a struct") }
      let kernel = JSONWriting.csv(fields, try JSONBinding.options(call, 1))
      return call.call(kernel, [call[0]], .string)
    },
  ]
}

enum CSVBinding {
  static func read(_ call: CallBinder) throws -> Node {
    guard call[0].type == .string || call[0].type == .void else { throw call.misfit(0, "a string") }
    guard let schema = call.constantText(1) else {
      throw call.failure(
        "from_csv(): the schema is a text such as 'a INT, b STRING'", call[1].range)
    }
    let options = try options(call, 2)
    let fields = try fields(schema, options, call)
    let text = try call.argument(0, .text)
    let type = DataType.structure(fields)
    if text.isConstantNull { return Node.null(type, range: call.range) }
    return call.call(CSVReading.kernel(fields, options), [text], type)
  }

  static func schema(_ call: CallBinder) throws -> Node {
    guard let text = call.constantText(0) else {
      throw call.failure("schema_of_csv() needs a text that is a constant", call[0].range)
    }
    guard let schema = CSVSchema(text, try options(call, 1)) else {
      throw call.failure("schema_of_csv(): there is no record", call[0].range)
    }
    return Node(.constant(Column([schema.text])), .string, range: call.range)
  }

  /// `a INT, b STRING`, or `STRUCT<a: INT, b: STRING>`.
  private static func fields(
    _ schema: String, _ options: CSVOptions, _ call: CallBinder
  ) throws -> [Field] {
    let fields: [Field]
    switch try? DataType(parsing: schema) {
    case .structure(let members): fields = members
    case let type?:
      throw call.failure(
        "from_csv() makes a struct, not \(phrase(type))", call[1].range, hint: "'a \(type)'")
    case nil:
      do {
        fields = try Schema(parsing: schema).fields
      } catch let error as StreamError {
        throw call.failure("from_csv(): schema '\(schema)': \(error.message)", call[1].range)
      }
    }
    if let field = fields.first(where: { $0.type.isNested || $0.type == .void }) {
      throw call.failure(
        "from_csv(): a field of CSV is no \(field.type), as '\(field.name)' would be",
        call[1].range,
        hint: "read it as a text: '\(field.name) STRING', then from_json() or split()")
    }
    if let corrupt = fields.first(where: { $0.name == options.corruptColumn }),
      corrupt.type != .string
    {
      throw call.failure(
        "from_csv(): '\(corrupt.name)', which takes what cannot be read, is \(phrase(corrupt.type))",
        call[1].range, hint: "'\(corrupt.name) STRING'")
    }
    return fields
  }

  private static func options(_ call: CallBinder, _ index: Int) throws -> CSVOptions {
    let entries = try call.optionEntries(index)
    do throws(CSVOptions.Problem) {
      return try CSVOptions(entries)
    } catch {
      throw call.failure("\(call.name)(): \(error.message)", call[index].range)
    }
  }
}
