import Scalars

/// A small generator with a seed: the same numbers in every run.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

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
