internal import Diagnostics
package import Wire

/// The stream on standard input.
///
/// - Parameter tool: the command, for advice on what to put in front of it.
/// - Throws: a usage error when there is a terminal or no record stream.
package func openUpstream(for tool: String) throws -> WireReader {
  do {
    return try WireReader(descriptor: 0)
  } catch var error as StreamError {
    if let hint = error.hint, hint.hasSuffix("| …") { error.hint = hint.dropLast() + "\(tool) …" }
    throw error
  }
}

/// What a stage that fails says to those behind it, so that they stop with its status, silently.
func failureFrame(for error: any Error, stage: String) -> Failure? {
  switch error {
  case WireError.failed(let failure): failure
  case WireError.closed: nil
  case let error as StreamError:
    Failure(stage: stage, status: error.kind.rawValue, message: error.message)
  case let error as SilentExit:
    error.status == 0 ? nil : Failure(stage: stage, status: error.status, message: "")
  default:
    Failure(stage: stage, status: StreamError.Kind.internal.rawValue, message: "\(error)")
  }
}

/// An error that those behind already know of.
struct ReportedError: Error {
  let error: any Error

  /// How the process ends: of endings that others have told, or that are none, nothing is said.
  init(_ error: any Error) {
    switch error {
    case WireError.closed: self.error = SilentExit(status: 0)
    case WireError.failed(let failure): self.error = SilentExit(status: failure.status)
    default: self.error = error
    }
  }
}
