internal import Checkpoint
internal import Diagnostics
internal import Formats
internal import Glibc
internal import SystemPackage

/// A file beside a followed one.
struct Sibling: Equatable {
  let path: String
  let name: String
  let status: FileStatus
  let packing: Packing?
  /// The number at the end of its name, before `.gz`: rotation lets it grow.
  let number: Int?

  init(_ name: String, at path: String, _ status: FileStatus) {
    (self.name, self.path, self.status) = (name, path, status)
    packing = Packing(fileName: name)
    let plain = packing == nil ? name[...] : name.dropLast(ending(of: name))
    number = plain.split(separator: ".").last.flatMap { $0.count < 5 ? Int($0) : nil }
  }

  /// Without what says that it is compressed.
  var plainName: String { packing == nil ? name : String(name.dropLast(ending(of: name))) }

  /// The older one first: by modification; of those that changed in the same tick the one with the
  /// higher number.
  static func isOlder(_ left: Sibling, than right: Sibling) -> Bool {
    if left.status.modified != right.status.modified {
      return left.status.modified < right.status.modified
    }
    if let (leftNumber, rightNumber) = both(left.number, right.number), leftNumber != rightNumber {
      return leftNumber > rightNumber
    }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }

  static func == (left: Sibling, right: Sibling) -> Bool {
    left.name == right.name && left.status.identity == right.status.identity
  }
}

private func both<Value>(_ left: Value?, _ right: Value?) -> (Value, Value)? {
  guard let left, let right else { return nil }
  return (left, right)
}

/// The length of the last ending, with its dot.
private func ending(of name: String) -> Int {
  (name.split(separator: ".", omittingEmptySubsequences: false).last?.count ?? -1) + 1
}

/// The former files of a path: those in its directory.
struct Siblings {
  /// All files of the directory but the one at the path itself.
  let all: [Sibling]
  private let base: String

  init(of path: String) {
    let (directory, base) = splitPath(path)
    self.base = base
    var found: [Sibling] = []
    // Hidden ones too; none when the directory cannot be read.
    for name in (try? Disk.names(in: directory)) ?? [] where name != base {
      let path = directory == "." && !path.hasPrefix("./") ? name : joined(directory, name)
      if let status = FileStatus(at: path), status.isRegular {
        found.append(Sibling(name, at: path, status))
      }
    }
    all = found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Those whose names say that they were the file once, the oldest first.
  ///
  /// A compressed file counts only when the one that it is made of is not there any more.
  var former: [Sibling] {
    let names = Set(all.map(\.name))
    return all.filter { sibling in
      isFormerName(sibling.name, of: base)
        && (sibling.packing == nil || !names.contains(sibling.plainName))
    }
    .sorted(by: Sibling.isOlder(_:than:))
  }

  /// The file that holds what was read, under whatever name.
  func find(_ position: TailPosition) -> Sibling? {
    let same = all.filter { $0.packing == nil && $0.status.identity == position.identity }
    if let found = same.first(where: { $0.holds(position) }) { return found }
    guard position.span > 0 else { return nil }
    let named = former
    return named.last { $0.packing == nil && $0.holds(position) }
      ?? named.last { $0.packing != nil && $0.holds(position) }
  }
}

extension Sibling {
  /// Whether what was read stands in it at the same place.
  func holds(_ position: TailPosition) -> Bool {
    guard let packing else {
      guard status.byteCount >= position.offset, let file = try? OpenedFile(path) else {
        return false
      }
      return position.fits(file)
    }
    guard let bytes = try? PackedBytes(path, packing),
      let window = try? bytes.skip(position.offset)
    else { return false }
    return position.fits(window.bytes.suffix(position.span))
  }
}

extension TailPosition {
  fileprivate func fits(_ window: ArraySlice<UInt8>) -> Bool { fits(Array(window)) }
}

/// Whether a name is one that rotation gives: `x.log.1`, `x.log-20260101.gz`, `x.log.old`.
func isFormerName(_ name: String, of base: String) -> Bool {
  guard name.hasPrefix(base), name.count > base.count else { return false }
  let rest = name.dropFirst(base.count)
  if rest == "~" || [".old", ".bak", ".gz", ".zst", ".0"].contains(rest) { return true }
  guard let mark = rest.first, ".-_".contains(mark) else { return false }
  return rest.dropFirst().first?.isNumber ?? false
}
