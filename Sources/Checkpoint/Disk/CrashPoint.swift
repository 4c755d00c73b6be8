internal import Diagnostics
internal import Glibc
internal import Synchronization

/// The places at which a process can be killed on purpose, to prove that nothing is lost there.
///
/// Each write, fsync, rename and marker passes one. Two variables of the environment steer them:
/// `STREAM_CRASH_AT=NAME` or `NAME#N` kills the process (as `kill -9` does) when it comes to the
/// point of that name for the first or the Nth time; `STREAM_CRASH_LOG=FILE` appends the name of
/// every point that is passed to a file. A name is `STAGE:FILE:STEP`, such as
/// `main.sink:commits.log:append`.
package enum CrashPoint {
  /// The stage's id, in front of all names from now on.
  package static func name(stage: String) { state.withLock { $0.stage = stage } }

  /// - Parameter place: file and step, such as `commits.log:append`.
  @inline(__always)
  package static func pass(_ place: @autoclosure () -> String) {
    if isActive, isDue(place()) { die() }
  }

  /// Whether the process is to be killed here. The caller may first leave something half done.
  static func isDue(_ place: String) -> Bool {
    guard isActive else { return false }
    let (name, isDue) = state.withLock { state in
      let name = "\(state.stage):\(place)"
      guard name == plan.target else { return (name, false) }
      state.count += 1
      return (name, state.count == plan.occurrence)
    }
    if let log = plan.log { appendLine(name, to: log) }
    return isDue
  }

  static func die() -> Never {
    kill(getpid(), SIGKILL)
    while true { pause() }
  }

  private struct State {
    var stage = "-"
    var count = 0
  }

  private struct Plan {
    var target: String?
    var occurrence = 1
    var log: String?

    init() {
      log = environment("STREAM_CRASH_LOG")
      guard let text = environment("STREAM_CRASH_AT") else { return }
      let parts = text.split(separator: "#", maxSplits: 1)
      target = parts.first.map(String.init)
      if parts.count > 1 { occurrence = Int(parts[1]) ?? 1 }
    }
  }

  private static let state = Mutex(State())
  private static let plan = Plan()
  private static let isActive = plan.target != nil || plan.log != nil
}

/// Appends a line in one call, so that those of several processes do not mix.
func appendLine(_ line: String, to path: String) {
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { return }
  let bytes = Array("\(line)\n".utf8)
  _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
  close(descriptor)
}
