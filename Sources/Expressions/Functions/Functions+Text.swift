import Columnar

extension Function {
  static let textFunctions: [Function] = [
    Function(
      "upper", "ucase", in: .text, "upper(text)", "the text in capital letters",
      "upper('straße')", takes: [.text], gives: .string, Case.upper),
    Function(
      "lower", "lcase", in: .text, "lower(text)", "the text in small letters",
      "lower('ÀB')", takes: [.text], gives: .string, Case.lower),
    Function(
      "initcap", in: .text, "initcap(text)", "each word with a capital first letter",
      "initcap('hELLO wORLD')", takes: [.text], gives: .string, Case.initial),
    Function(
      "length", "len", "char_length", "character_length", in: .text, "length(text)",
      "the number of characters, or of bytes of a binary", "length('naïve')",
      takes: [.textOrBinary], gives: .int, TextForms.length),
    Function(
      "octet_length", in: .text, "octet_length(text)", "the number of bytes",
      "octet_length('é')", takes: [.textOrBinary], gives: .int, TextForms.byteLength(times: 1)),
    Function(
      "bit_length", in: .text, "bit_length(text)", "the number of bits", "bit_length('é')",
      takes: [.textOrBinary], gives: .int, TextForms.byteLength(times: 8)),
    Function(
      "concat", in: .text, "concat(a, b, …)", "texts, binaries or arrays one after the other",
      "concat('a', 1)", count: 0...1000, bind: Concatenation.bind),
    Function(
      "concat_ws", in: .text, "concat_ws(separator, a, b, …)",
      "texts and arrays of texts with a separator between them, nulls left out",
      "concat_ws('-', 'a', NULL, 'b')", count: 1...1000, bind: Concatenation.bindSeparated),
    Function(
      "substring", "substr", in: .text, "substring(text, start[, length])",
      "a part, from 1, or from the end when negative", "substring('Spark SQL', -3)",
      count: 2...3
    ) { call in
      let text = try call.argument(0, .textOrBinary)
      let rest = try (1..<call.count).map { try call.argument($0, .int) }
      return call.call(Substrings.substring, [text] + rest, text.type)
    },
    Function(
      "left", in: .text, "left(text, count)", "the first characters", "left('hello', 2)",
      takes: [.text, .int], gives: .string, Substrings.left),
    Function(
      "right", in: .text, "right(text, count)", "the last characters", "right('hello', 2)",
      takes: [.text, .int], gives: .string, Substrings.right),
    Function(
      "split_part", in: .text, "split_part(text, delimiter, n)",
      "the n-th part between delimiters, counted from the end when negative",
      "split_part('a,b,c', ',', -1)", takes: [.text, .text, .int], gives: .string, Substrings.part),
    Function(
      "substring_index", in: .text, "substring_index(text, delimiter, n)",
      "all before the n-th delimiter, or behind it, counted from the end, when negative",
      "substring_index('www.example.org', '.', -2)", takes: [.text, .text, .int], gives: .string,
      Substrings.untilDelimiter),
    Function(
      "overlay", in: .text, "overlay(text PLACING new FROM start [FOR length])",
      "the text with a part replaced", "overlay('Spark' PLACING '_' FROM 3)",
      takes: [.text, .text, .int, .int], optional: 1, gives: .string, Substrings.overlay),
    Function(
      "trim", in: .text, "trim([BOTH characters FROM] text)",
      "without spaces, or these characters, at both ends", "trim('  x ')", count: 1...2,
      bind: { try trim(.both, $0, charactersFirst: true) }),
    Function(
      "btrim", in: .text, "btrim(text[, characters])",
      "without spaces, or these characters, at both ends", "btrim('xxhixx', 'x')", count: 1...2,
      bind: { try trim(.both, $0, charactersFirst: false) }),
    Function(
      "ltrim", in: .text, "ltrim([characters, ]text)",
      "without spaces, or these characters, at the start", "ltrim('0', '007')", count: 1...2,
      bind: { try trim(.start, $0, charactersFirst: true) }),
    Function(
      "rtrim", in: .text, "rtrim([characters, ]text)",
      "without spaces, or these characters, at the end", "rtrim('x  ')", count: 1...2,
      bind: { try trim(.end, $0, charactersFirst: true) }),
    Function(
      "lpad", in: .text, "lpad(text, length[, pad])", "filled up on the left, or cut",
      "lpad('7', 3, '0')", takes: [.text, .int, .text], optional: 1, gives: .string,
      Padding.left.kernel),
    Function(
      "rpad", in: .text, "rpad(text, length[, pad])", "filled up on the right, or cut",
      "rpad('7', 3, '.')", takes: [.text, .int, .text], optional: 1, gives: .string,
      Padding.right.kernel),
    Function(
      "repeat", in: .text, "repeat(text, count)", "the text several times", "repeat('ab', 2)",
      takes: [.text, .int], gives: .string, Padding.repeat),
    Function(
      "space", in: .text, "space(count)", "that many spaces", "space(2)", takes: [.int],
      gives: .string, TextForms.space),
    Function(
      "replace", in: .text, "replace(text, search[, new])", "every occurrence replaced",
      "replace('hello', 'l', 'L')", takes: [.text, .text, .text], optional: 1, gives: .string,
      TextForms.replace),
    Function(
      "translate", in: .text, "translate(text, from, to)", "characters replaced one by one",
      "translate('hello', 'lo', '01')", takes: [.text, .text, .text], gives: .string,
      Case.translate),
    Function(
      "reverse", in: .text, "reverse(text)",
      "the characters, or the elements of an array, backwards",
      "reverse('abc')", count: 1...1
    ) { call in
      if case .array = call[0].type { return call.call(Arrays.reverse, [call[0]], call[0].type) }
      return call.call(Case.reverse, [try call.argument(0, .text)], .string)
    },
    Function(
      "mask", in: .text, "mask(text[, upper[, lower[, digit[, other]]]])",
      "letters and digits hidden", "mask('Ab-12')", count: 1...5
    ) { call in
      let arguments = try call.arguments.indices.map { try call.argument($0, .text) }
      return call.call(Case.mask, arguments, .string)
    },
    Function(
      "elt", in: .text, "elt(n, a, b, …)", "the n-th of the texts", "elt(2, 'a', 'b')",
      count: 2...1000
    ) { call in
      let number = try call.argument(0, .int)
      let texts = try (1..<call.count).map { try call.argument($0, .text) }
      return call.call(TextForms.choice, [number] + texts, .string)
    },
  ]

  private static func trim(
    _ side: Trimming, _ call: CallBinder, charactersFirst: Bool
  ) throws -> Node {
    let arguments = try call.arguments.indices.map { try call.argument($0, .text) }
    return call.call(side.kernel, charactersFirst ? arguments.reversed() : arguments, .string)
  }
}
