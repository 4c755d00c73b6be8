import Connectors
import Glibc

/// Puts /dev/null on descriptor 0: a source that does not read it must not hold its neighbour's
/// pipe open.
///
/// - Parameter files: those to be read; one of them may be standard input by another name.
func releaseStandardInput(unlessAmong files: [InputFile]) {
  let aliases = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]
  if files.contains(where: { aliases.contains($0.name) }) { return }
  let null = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
  guard null >= 0 else { return }
  dup2(null, 0)
  close(null)
}
