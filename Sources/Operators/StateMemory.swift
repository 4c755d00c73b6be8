import Diagnostics

/// Ends a query whose state has outgrown `--state-memory`.
///
/// - Parameters:
///   - byteCount: what the state takes.
///   - contents: what is in it, such as `5 keys`.
///   - limit: nil for as much as there is.
func checkStateMemory(
  byteCount: Int, of contents: @autoclosure () -> String, limit: Int?
) throws {
  guard let limit, byteCount > limit else { return }
  throw StreamError(
    .io,
    "the state of \(contents()) takes \(sizeText(byteCount)), more than "
      + "--state-memory \(sizeText(limit)) allows",
    hint: "--state-memory \(sizeText(roomFor(byteCount))); with a checkpoint the query "
      + "goes on where it stopped")
}

/// A power of two that leaves room to grow by half.
private func roomFor(_ byteCount: Int) -> Int {
  var room = 1 << 20
  while room < byteCount + byteCount / 2 { room *= 2 }
  return room
}

/// As `--state-memory` takes it: `512M`, `1.5G`, rounded up to a tenth.
private func sizeText(_ byteCount: Int) -> String {
  let units = [("T", 40), ("G", 30), ("M", 20), ("k", 10)]
  guard let (name, shift) = units.first(where: { byteCount >= 1 << $0.1 })
  else { return "\(byteCount)" }
  let tenths = Int((Double(byteCount) * 10 / Double(1 << shift)).rounded(.up))
  return tenths % 10 == 0 ? "\(tenths / 10)\(name)" : "\(tenths / 10).\(tenths % 10)\(name)"
}
