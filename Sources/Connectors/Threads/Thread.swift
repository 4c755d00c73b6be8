internal import Glibc

/// Starts a thread of its own, which receives no signals: those are the main thread's.
///
/// - Returns: false when the system has no more threads to give.
package func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let box = unsafe Unmanaged.passRetained(ThreadBody(body))
  var blocked = sigset_t()
  var before = sigset_t()
  unsafe sigfillset(&blocked)
  unsafe pthread_sigmask(SIG_SETMASK, &blocked, &before)
  defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }

  var thread = pthread_t()
  let status = unsafe pthread_create(
    &thread, nil,
    { argument in
      // SAFETY: the box that was retained for this thread alone.
      if let argument = unsafe argument {
        unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
      }
      return nil
    }, box.toOpaque())
  guard status == 0 else {
    unsafe box.release()
    return false
  }
  pthread_detach(thread)
  return true
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// How many threads can run at once on this machine.
package var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
