internal import Glibc

/// A variable of the environment; nil where it is empty.
package func environment(_ name: String) -> String? {
  guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
  return unsafe String(cString: value)
}

/// Where large things may be put for a while: `TMPDIR`, else `/tmp`.
package var temporaryDirectory: String { environment("TMPDIR") ?? "/tmp" }
