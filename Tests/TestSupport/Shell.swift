internal import Glibc

/// Runs a script with /bin/sh and waits for it.
///
/// Foundation's `Process` is not used: it learns of an exit through a descriptor that processes
/// started at the same time inherit, and may then wait for ever.
///
/// - Returns: the exit status; 128 and the signal's number when a signal ended it.
package func shell(_ script: String) -> Int32 {
  var process: pid_t = 0
  let words = ["sh", "-c", script].map { Array($0.utf8CString) }
  let failure = unsafe words[0].withUnsafeBufferPointer { name in
    unsafe words[1].withUnsafeBufferPointer { flag in
      unsafe words[2].withUnsafeBufferPointer { text in
        let pointers = unsafe [name, flag, text].map { words in
          unsafe UnsafeMutablePointer(mutating: words.baseAddress)
        }
        return unsafe posix_spawn(&process, "/bin/sh", nil, nil, pointers + [nil], environ)
      }
    }
  }
  guard failure == 0 else { return 127 }
  var status: Int32 = 0
  while unsafe waitpid(process, &status, 0) < 0 {
    if errno != EINTR { return 127 }
  }
  let signal = status & 0x7F
  return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
}

/// A word for a shell, whatever it holds.
package func quoted(_ word: String) -> String {
  let inner = word.map { $0 == "'" ? "'\\''" : String($0) }.joined()
  return "'\(inner)'"
}
