import Columnar

extension Function {
  static let textSearchFunctions: [Function] = [
    Function(
      "contains", in: .text, "contains(text, part)", "whether the part occurs",
      "contains('hello', 'll')", takes: [.text, .text], gives: .boolean, Search.contains),
    Function(
      "startswith", in: .text, "startswith(text, prefix)", "whether it begins so",
      "startswith('hello', 'he')", takes: [.text, .text], gives: .boolean, Search.startsWith),
    Function(
      "endswith", in: .text, "endswith(text, suffix)", "whether it ends so",
      "endswith('hello', 'lo')", takes: [.text, .text], gives: .boolean, Search.endsWith),
    Function(
      "instr", in: .text, "instr(text, part)", "the place of the part, from 1; 0 when absent",
      "instr('hello', 'l')", takes: [.text, .text], gives: .int, Search.instr),
    Function(
      "locate", "position", in: .text, "locate(part, text[, start])",
      "the place of the part at or behind the start, from 1; 0 when absent",
      "locate('l', 'hello', 4)", takes: [.text, .text, .int], optional: 1, gives: .int,
      Search.locate),
    Function(
      "find_in_set", in: .text, "find_in_set(text, list)",
      "which part of a comma-separated list it is, from 1", "find_in_set('b', 'a,b')",
      takes: [.text, .text], gives: .int, Search.findInSet),
    Function(
      "levenshtein", in: .text, "levenshtein(a, b[, limit])",
      "the edit distance; -1 beyond the limit", "levenshtein('kitten', 'sitting')",
      takes: [.text, .text, .int], optional: 1, gives: .int, Search.levenshtein),
    Function(
      "like", in: .text, "text LIKE pattern", "% is any text, _ any character",
      "like('hello', 'h%')", count: 2...3, bind: { try like(.like, $0) }),
    Function(
      "ilike", in: .text, "text ILIKE pattern", "LIKE without regard to case",
      "ilike('hello', 'H%')", count: 2...3, bind: { try like(.ilike, $0) }),
    Function(
      "split", in: .text, "split(text, delimiter[, limit])", "the parts between delimiters",
      "split('a,b', ',')", count: 2...3, bind: Splitting.bind),
    Function(
      "ascii", in: .text, "ascii(text)", "the code of the first character", "ascii('é')",
      takes: [.text], gives: .int, TextForms.ascii),
    Function(
      "chr", "char", in: .text, "chr(code)", "the character of a code", "chr(65)",
      takes: [.bigint], gives: .string, TextForms.character),
    Function(
      "bin", in: .text, "bin(number)", "the bits", "bin(10)", takes: [.bigint], gives: .string,
      TextForms.binaryDigits),
    Function("hex", in: .text, "hex(value)", "hexadecimal", "hex('Spark')", count: 1...1) { call in
      if call[0].type.isNumeric {
        return call.call(TextForms.hexOfInteger, [try call.argument(0, .bigint)], .string)
      }
      return call.call(TextForms.hexOfBytes, [try call.argument(0, .textOrBinary)], .string)
    },
    Function(
      "unhex", in: .text, "unhex(text)", "the bytes that the digits say; null when they do not",
      "unhex('4A4B')", takes: [.text], gives: .binary, TextForms.unhex),
    Function(
      "conv", in: .text, "conv(number, from, to)", "from one base to another",
      "conv('ff', 16, 10)", takes: [.text, .int, .int], gives: .string, TextForms.convert),
    Function(
      "base64", in: .text, "base64(bytes)", "in base 64", "base64('hello')", takes: [.binary],
      gives: .string, Encodings.base64),
    Function(
      "unbase64", in: .text, "unbase64(text)", "the bytes that base 64 says",
      "unbase64('aGVsbG8=')", takes: [.text], gives: .binary, Encodings.unbase64),
    Function(
      "encode", in: .text, "encode(text, charset)", "the bytes of a text", "encode('é', 'UTF-8')",
      takes: [.text, .text], gives: .binary, Encodings.encode),
    Function(
      "url_encode", in: .text, "url_encode(text)", "escaped for a URL", "url_encode('a b')",
      takes: [.text], gives: .string, Encodings.urlEncode),
    Function(
      "url_decode", in: .text, "url_decode(text)", "without the escapes of a URL",
      "url_decode('a%20b')", takes: [.text], gives: .string, Encodings.urlDecode),
    Function(
      "try_url_decode", in: .text, "try_url_decode(text)", "null when it is malformed",
      "try_url_decode('%zz')", takes: [.text], gives: .string, isTrying: true,
      Encodings.urlDecode),
    Function(
      "is_valid_utf8", in: .text, "is_valid_utf8(text)", "whether the bytes are UTF-8",
      "is_valid_utf8('a')", takes: [.textOrBinary], gives: .boolean, TextForms.isValid),
    Function(
      "format_number", in: .text, "format_number(number, decimals)", "with thousands separators",
      "format_number(1234567.891, 1)", count: 2...2, bind: NumberFormat.bind),
    Function(
      "format_string", "printf", in: .text, "format_string(format, a, b, …)",
      "as printf does, with Java's directives", "format_string('%05.1f %s', 3.14159D, 'x')",
      count: 1...1000, bind: TextFormat.bind),
    Function(
      "soundex", in: .text, "soundex(text)", "how it sounds in English", "soundex('Miller')",
      takes: [.text], gives: .string, Encodings.soundex),
  ]

  private static func like(
    _ comparison: Syntax.LikePattern.Operator, _ call: CallBinder
  ) throws -> Node {
    let text = try call.argument(0, .text)
    let pattern = try call.argument(1, .text)
    let escape = call.count > 2 ? call.constantText(2)?.first : nil
    let syntax = Syntax.LikePattern(
      operator: comparison, quantifier: nil, negatesEach: false, patterns: [], escape: escape)
    return try call.binder.likeTest(text, pattern, syntax, call.range)
  }
}
