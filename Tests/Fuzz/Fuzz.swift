import FuzzTargets
import Glibc

/// libFuzzer's entry: the target is named by FUZZ_TARGET, so that one build serves all.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// The package manager gives every executable's entry a name of its own, so libFuzzer's `main` is not
/// reached: its driver is called from here.
@_cdecl("stream_fuzz_main")
func fuzzMain(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  if let directory = unsafe getenv("FUZZ_SEEDS") { writeSeeds(unsafe String(cString: directory)) }
  var (count, arguments) = unsafe (count, arguments)
  return unsafe runFuzzer(&count, &arguments, fuzzOneInput)
}

/// Puts well-formed inputs into the corpus, for the fuzzer to begin from.
private func writeSeeds(_ directory: String) {
  for (index, seed) in target.seeds.enumerated() {
    guard let file = unsafe fopen("\(directory)/seed-\(index)", "w") else { continue }
    unsafe fwrite(seed, 1, seed.count, file)
    unsafe fclose(file)
  }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private let target: FuzzTarget = {
  let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
    print("FUZZ_TARGET is '\(name)'; one of: \(names)")
    exit(64)
  }
  return target
}()
