import Columnar
import Scalars

extension Function {
  static let hashFunctions: [Function] = [
    Function(
      "md5", in: .hash, "md5(bytes)", "the MD5 digest in hexadecimal", "md5('Spark')",
      takes: [.binary], gives: .string, Digests.md5),
    Function(
      "sha", "sha1", in: .hash, "sha1(bytes)", "the SHA-1 digest in hexadecimal", "sha1('Spark')",
      takes: [.binary], gives: .string, Digests.sha1),
    Function(
      "sha2", in: .hash, "sha2(bytes, bits)",
      "a SHA-2 digest of 224, 256 (or 0), 384 or 512 bits in hexadecimal", "sha2('Spark', 256)",
      takes: [.binary, .int], gives: .string, Digests.sha2),
    Function(
      "crc32", in: .hash, "crc32(bytes)", "the checksum that zip files have", "crc32('Spark')",
      takes: [.binary], gives: .bigint, Digests.crc32),
    Function(
      "hash", in: .hash, "hash(a, b, …)", "Spark's 32-bit hash (Murmur 3)", "hash('Spark', 1)",
      count: 1...1000
    ) { try bind($0, HashKernel<Murmur3>.kernel { .int32($0) }, .int) },
    Function(
      "xxhash64", in: .hash, "xxhash64(a, b, …)", "Spark's 64-bit hash (XXH64)",
      "xxhash64('Spark', 1)", count: 1...1000
    ) { try bind($0, HashKernel<XXHash64>.kernel { .int64($0) }, .bigint) },
  ]

  private static func bind(_ call: CallBinder, _ kernel: Kernel, _ type: DataType) throws -> Node {
    if let index = call.arguments.firstIndex(where: { hasMap($0.type) }) {
      throw call.failure(
        "\(call.name)(): maps that are equal may be in different orders, so they have no hash",
        call[index].range, hint: "\(call.name)(array_sort(map_entries(…)))")
    }
    return call.call(kernel, call.arguments, type)
  }

  private static func hasMap(_ type: DataType) -> Bool {
    switch type {
    case .map: true
    case .array(let element): hasMap(element)
    case .structure(let fields): fields.contains { hasMap($0.type) }
    default: false
    }
  }
}
