package import Wire

extension QueryIdentity {
  /// Its id, else that of this run.
  package var identifier: String { id ?? runs.min { $0.key < $1.key }?.value ?? "" }

  /// Eight letters and digits that tell this query's files from those of others.
  package var tag: String {
    let letters = identifier.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(8)
    if letters.count == 8 { return String(letters) }
    let random = String(UInt32.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 8 - random.count) + random
  }
}
