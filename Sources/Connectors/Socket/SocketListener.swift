internal import Diagnostics
internal import Glibc

/// Accepts connections.
final class SocketListener {
  let descriptor: Int32
  /// Where it listens, with the port that the system has chosen.
  let name: String
  /// A socket in the file system, and its number there, to remove no other one.
  private let file: (path: String, inode: UInt64)?

  private static let backlog: Int32 = 128

  /// - Throws: a usage error when one cannot listen there at all; an error that says to try again
  ///   when somebody else does.
  init(_ place: SocketPlace) throws(StreamError) {
    let resolved = SocketAddress.resolve(place)
    guard let address = resolved.addresses.first else {
      throw StreamError(.usage, "cannot listen at '\(place)': \(resolved.failure ?? "no address")")
    }
    if case .path(let path) = place { try SocketListener.clear(path) }
    let descriptor = address.makeSocket()
    self.descriptor = descriptor
    guard descriptor >= 0 else { throw SocketListener.failure(place, errno) }
    var on: Int32 = 1
    // Connections of an earlier run that linger do not keep the port.
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard unsafe address.withPointer({ unsafe bind(descriptor, $0, $1) }) == 0,
      listen(descriptor, SocketListener.backlog) == 0
    else {
      let code = errno
      close(descriptor)
      throw SocketListener.failure(place, code)
    }
    name = SocketAddress.name(of: descriptor, isPeer: false) ?? "\(place)"
    if case .path(let path) = place {
      file = SocketListener.inode(of: path).map { (path, $0) }
    } else {
      file = nil
    }
  }

  deinit {
    close(descriptor)
    if let file, SocketListener.inode(of: file.path) == file.inode {
      _ = unsafe unlink(file.path)
    }
  }

  private static func failure(_ place: SocketPlace, _ code: Int32) -> StreamError {
    StreamError(
      code == EADDRINUSE ? .unavailable : .usage,
      "cannot listen at '\(place)': \(systemWords(code))")
  }

  private static func inode(of path: String) -> UInt64? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    return UInt64(status.st_ino)
  }

  /// Removes a socket that nobody listens at any more, as a run that was killed leaves it.
  private static func clear(_ path: String) throws(StreamError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw StreamError(.usage, "cannot listen at 'unix:\(path)': there is a file of that name")
    }
    let address = SocketAddress(path: path)
    let probe = address.makeSocket()
    guard probe >= 0 else { return }
    defer { close(probe) }
    let isStale =
      unsafe address.withPointer { unsafe connect(probe, $0, $1) } != 0 && errno == ECONNREFUSED
    guard isStale else { throw failure(.path(path), EADDRINUSE) }
    _ = unsafe unlink(path)
  }

  enum Accepted {
    /// The caller owns the descriptor.
    case connection(Int32)
    case nobody
    /// There are no descriptors left, or no memory: in the system's words.
    case failed(String)
  }

  func accept() -> Accepted {
    while true {
      let connection = Glibc.accept(descriptor, nil, nil)
      if connection >= 0 {
        prepareSocket(connection)
        return .connection(connection)
      }
      switch errno {
      // The peer was gone before we came to it.
      case EINTR, ECONNABORTED: continue
      case EAGAIN: return .nobody
      default: return .failed(systemWords(errno))
      }
    }
  }
}
