import Columnar

/// Questions about JSON texts; what is no JSON gives null.
enum JSONQueries {
  /// `get_json_object(text, path)`.
  static func object(_ constant: JSONPath?) -> Kernel {
    Kernel { arguments in
      let (texts, paths) = (arguments.strings(0), arguments.strings(1))
      var tape = JSONTape()
      var last: (text: [UInt8], path: JSONPath?) = ([], nil)
      return try arguments.makeStrings { row, output in
        var path = constant
        if path == nil {
          let bytes = paths.bytes(row)
          if bytes != last.text { last = (bytes, JSONPath(paths.string(row))) }
          path = last.path
        }
        guard let path, tape.parse(texts[row]) else { return false }
        return JSONPathSearch(tape, path).run(texts[row], to: &output)
      }
    }
  }

  /// `json_array_length(text)`.
  static let length = Kernel { arguments in
    let texts = arguments.strings(0)
    var tape = JSONTape()
    return try arguments.makeInt32s { row in
      guard tape.parse(texts[row]), tape.elements[0].kind == .array else { return nil }
      var (child, count): (Int, Int32) = (1, 0)
      while child < tape.elements.count {
        child = Int(tape.elements[child].next)
        count += 1
      }
      return count
    }
  }

  /// `json_object_keys(text)`.
  static let keys = Kernel { arguments in
    let texts = arguments.strings(0)
    let builder = ColumnBuilder(arguments.type)
    var tape = JSONTape()
    for row in 0..<arguments.rowCount {
      guard !arguments[0].isNull(row), tape.parse(texts[row]), tape.elements[0].kind == .object
      else {
        builder.appendNull()
        continue
      }
      var child = 1
      while child < tape.elements.count {
        builder.children[0].append(tape.text(of: tape.elements[child], texts[row]).span)
        child = Int(tape.elements[child + 1].next)
      }
      builder.closeList()
    }
    return builder.take()
  }
}
