import Columnar

extension Function {
  static let textFormFunctions: [Function] = [
    Function(
      "to_number", in: .conversion, "to_number(text, format)",
      "a number in a format of 0, 9, ',', '.', '$', S, MI and PR", "to_number('1,234', '9,999')",
      count: 2...2
    ) { try FormatBinding.number($0, isTrying: false) },
    Function(
      "try_to_number", in: .conversion, "try_to_number(text, format)", "null when it is none",
      "try_to_number('x', '999')", count: 2...2
    ) { try FormatBinding.number($0, isTrying: true) },
    Function(
      "to_char", "to_varchar", in: .conversion, "to_char(value, format)",
      "a number, a time or a binary in a format", "to_char(1234, '9,999')", count: 2...2,
      bind: FormatBinding.text),
    Function(
      "to_binary", in: .conversion, "to_binary(text[, format])",
      "the bytes that a text says: 'hex', 'utf-8' or 'base64'", "to_binary('4A4B', 'hex')",
      count: 1...2
    ) { try FormatBinding.binary($0, isTrying: false) },
    Function(
      "try_to_binary", in: .conversion, "try_to_binary(text[, format])",
      "null when it is malformed", "try_to_binary('zz', 'hex')", count: 1...2
    ) { try FormatBinding.binary($0, isTrying: true) },
    Function(
      "parse_url", in: .text, "parse_url(url, part[, key])",
      "HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO of a URL",
      "parse_url('https://example.org/a?q=1', 'QUERY', 'q')", takes: [.text, .text, .text],
      optional: 1, gives: .string, URLParts.kernel),
    Function(
      "try_parse_url", in: .text, "try_parse_url(url, part[, key])", "null when it is no URL",
      "try_parse_url('a b', 'HOST')", takes: [.text, .text, .text], optional: 1, gives: .string,
      isTrying: true, URLParts.kernel),
    Function(
      "luhn_check", in: .text, "luhn_check(digits)", "whether the check digit is right",
      "luhn_check('79927398713')", takes: [.text], gives: .boolean, TextChecks.luhn),
    Function(
      "quote", in: .text, "quote(text)", "as a literal of SQL", "quote('it''s')", takes: [.text],
      gives: .string, TextChecks.quote),
    Function(
      "validate_utf8", in: .text, "validate_utf8(bytes)", "a text; an error where it is not UTF-8",
      "validate_utf8('a')", takes: [.textOrBinary], gives: .string, TextChecks.validated),
    Function(
      "try_validate_utf8", in: .text, "try_validate_utf8(bytes)", "null where it is not UTF-8",
      "try_validate_utf8(x'FF')", takes: [.textOrBinary], gives: .string, isTrying: true,
      TextChecks.validated),
    Function(
      "make_valid_utf8", in: .text, "make_valid_utf8(bytes)", "what is not UTF-8 replaced",
      "make_valid_utf8(x'61FF')", takes: [.textOrBinary], gives: .string, TextChecks.repaired),
    Function(
      "sentences", in: .text, "sentences(text[, language[, country]])",
      "the words of each sentence", "sentences('Hi there! Bye.')", takes: [.text, .text, .text],
      optional: 2, gives: .array(.array(.string)), Sentences.kernel),
    Function(
      "to_base32", in: .text, "to_base32(bytes)", "in base 32", "to_base32('foo')",
      takes: [.binary], gives: .string, TextChecks.base32),
    Function(
      "from_base32", in: .text, "from_base32(text)", "the bytes that base 32 says",
      "from_base32('MZXW6===')", takes: [.text], gives: .binary, TextChecks.bytesOfBase32),
    Function(
      "jaro_winkler_similarity", in: .text, "jaro_winkler_similarity(a, b)",
      "0 for different to 1 for equal", "jaro_winkler_similarity('MARTHA', 'MARHTA')",
      takes: [.text, .text], gives: .double, TextChecks.jaroWinkler),
    Function(
      "bitmap_bit_position", in: .other, "bitmap_bit_position(number)",
      "the place of a number in its bitmap", "bitmap_bit_position(123)", takes: [.bigint],
      gives: .bigint, TextChecks.bitmap(isBucket: false)),
    Function(
      "bitmap_bucket_number", in: .other, "bitmap_bucket_number(number)",
      "the number of its bitmap", "bitmap_bucket_number(123)", takes: [.bigint], gives: .bigint,
      TextChecks.bitmap(isBucket: true)),
    Function(
      "bitmap_count", in: .other, "bitmap_count(bytes)", "how many bits are 1",
      "bitmap_count(x'1010')", takes: [.binary], gives: .bigint, TextChecks.bitmapCount),
  ]
}
