import Scalars

/// Calls with the bytes of a text, in memory that ends where the text ends, so that the address
/// sanitizer sees a read beyond it.
func withBytes<Value, Failure: Error>(
  _ text: String, _ body: (Span<UInt8>) throws(Failure) -> Value
) throws(Failure) -> Value {
  let bytes = Array(text.utf8)
  return try body(bytes.span)
}

/// What a writer appends.
func written(_ write: (inout ByteText) -> Void) -> String {
  var text = ByteText()
  write(&text)
  return text.string
}

func byte(_ scalar: Unicode.Scalar) -> UInt8 { UInt8(ascii: scalar) }
