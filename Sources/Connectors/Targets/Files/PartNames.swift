import Scalars

/// The names of the parts that a query's branch keeps in a directory.
struct PartNames {
  /// `part-3f2a91c0-main`.
  let stem: String
  let suffix: String
  /// Tells the hidden names of this run from those of earlier ones.
  private let run = String(UInt32.random(in: .min ... .max), radix: 16)

  init(_ form: ResultForm, suffix: String) {
    stem = "part-\(form.queryTag)-\(form.branch)"
    self.suffix = suffix
  }

  func part(epoch: Int64, number: Int) -> String {
    "\(stem)-\(zeroPadded(epoch, to: 6))-\(number).\(suffix)"
  }

  /// Under which a part is written.
  func aside(_ sequence: Int) -> String { ".\(stem)-\(run)-\(sequence).tmp" }

  /// Whether it is a hidden name of this query and branch, of whatever run.
  func isAside(_ name: String) -> Bool {
    name.hasPrefix(".\(stem)-") && name.hasSuffix(".tmp")
  }
}

/// `a/b` and `c` of `a/b/c`; an empty directory for a bare name.
func splitRelative(_ path: String) -> (directory: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return ("", path) }
  return (String(path[..<slash]), String(path[path.index(after: slash)...]))
}

/// A name below a directory, where an empty one is the directory itself.
func joined(_ directory: String, _ name: String) -> String {
  if directory.isEmpty || name.isEmpty { return directory + name }
  return directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
}
