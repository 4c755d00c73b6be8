import Columnar
import Connectors
import Diagnostics
import Formats
import Glibc
import TestSupport
import Testing

private let pair = Schema([Field("a", .bigint), Field("b", .string)])

@Suite("A socket that is connected to")
struct ConnectingTests {
  private func connecting(_ port: UInt16, reconnects: Bool = false) -> SocketInput.Role {
    .connecting(.network(host: "127.0.0.1", port: port), reconnects: reconnects)
  }

  @Test("gives the peer's lines, and ends with the peer's close")
  func lines() throws {
    let (listener, port) = Peer.listening()
    defer { listener.end() }
    let run = try SocketRun(connecting(port))
    let peer = listener.accepted()
    peer.send("one\ntwo\n\nfour\n")
    peer.end()
    let (rows, isComplete) = try run.rows()
    #expect(rows == ["one", "two", "", "four"].map { [.string($0)] })
    #expect(isComplete == true)
    #expect(run.input.consumedCount == 14)
  }

  @Test("puts lines together that come byte by byte")
  func bytes() throws {
    let (listener, port) = Peer.listening()
    defer { listener.end() }
    let run = try SocketRun(connecting(port))
    let peer = listener.accepted()
    let text = "one\ntwo\nthree\n"
    let isStarted = startThread {
      for letter in text {
        peer.send(String(letter))
        usleep(500)
      }
      peer.end()
    }
    #expect(isStarted)
    #expect(try run.texts() == ["one", "two", "three"])
  }

  @Test("takes a line that the end of the connection cuts off for malformed")
  func halfALine() throws {
    let (listener, port) = Peer.listening()
    defer { listener.end() }
    let run = try SocketRun(connecting(port))
    let peer = listener.accepted()
    peer.send("one\ntw")
    peer.end()
    #expect(try run.texts() == ["one"])
    #expect(run.input.malformedCount == 1)
    #expect(run.warnings.first == "127.0.0.1:\(port):2:3: the connection ended within it")
  }

  @Test("keeps such a line in the flow where it is asked to")
  func corruptColumn() throws {
    let (listener, port) = Peer.listening()
    defer { listener.end() }
    var plan = csv(pair)
    plan.options.hasHeader = false
    plan.options.corruptColumn = "bad"
    plan.wantsMetadata = true
    let run = try SocketRun(connecting(port), plan)
    let peer = listener.accepted()
    peer.send("1,x\n2,")
    peer.end()
    let name = Value.string("127.0.0.1:\(port)")
    #expect(
      try run.rows().rows == [
        [.integer(1), .string("x"), .null, name, .integer(0)],
        [.null, .null, .string("2,"), name, .integer(4)],
      ])
  }

  @Test("learns its columns from what the peer sends first", arguments: [Format.csv, .json])
  func inference(format: Format) throws {
    let (listener, port) = Peer.listening()
    defer { listener.end() }
    let isStarted = startThread {
      let peer = listener.accepted()
      peer.send(format == .csv ? "id,name\n1,x\n" : "{\"id\":1,\"name\":\"x\"}\n")
      peer.end()
    }
    #expect(isStarted)
    let run = try SocketRun(connecting(port), InputPlan(format: format))
    #expect(run.input.schema == Schema([Field("id", .bigint), Field("name", .string)]))
    #expect(try run.rows().rows == [[.integer(1), .string("x")]])
  }

  @Test("says that nobody is there, and that one may try again")
  func nobody() throws {
    let (listener, port) = Peer.listening()
    listener.end()
    let error = #expect(throws: StreamError.self) { try SocketRun(connecting(port)) }
    #expect(error?.kind == .unavailable)
    #expect(error?.message == "cannot connect to '127.0.0.1:\(port)': connection refused")
  }

  @Test("connects again after each end, however it came, and joins no lines")
  func reconnecting() throws {
    let (listener, port) = Peer.listening()
    defer { listener.end() }
    let run = try SocketRun(connecting(port, reconnects: true))
    let isStarted = startThread {
      for (number, ending) in ["", "cut", "", ""].enumerated() {
        let peer = listener.accepted()
        peer.send("\(number)\n\(ending)")
        if number == 2 {
          // Only when the line has been taken: a broken connection takes the unread ones with it.
          usleep(50_000)
          peer.reset()
        } else {
          peer.end()
        }
      }
    }
    #expect(isStarted)
    let texts = try run.texts(4)
    #expect(texts == ["0", "1", "2", "3"])
    #expect(run.input.malformedCount == 1)
    run.stop()
    #expect(try run.rows().isComplete == false)
    #expect(run.warnings.filter { $0.contains("broke off: connection reset by peer") }.count == 1)
  }

  @Test("waits for a peer that comes later, tells it once, and is stopped at any time")
  func later() throws {
    let directory = TemporaryDirectory()
    let path = directory.at("s")
    let run = try SocketRun(.connecting(.path(path), reconnects: true))
    for _ in 0..<40 { _ = try run.input.next(until: Deadline(uptime: Moment.now.uptime + 10_000)) }
    #expect(
      run.warnings == ["cannot connect to 'unix:\(path)': no such file or directory; trying again"])
    run.stop()
    #expect(try run.rows().isComplete == false)
  }

  @Test("takes what has arrived when it is told to stop, but no half of a line")
  func stopping() throws {
    let (listener, port) = Peer.listening()
    defer { listener.end() }
    let run = try SocketRun(connecting(port))
    let peer = listener.accepted()
    defer { peer.end() }
    peer.send("one\ntwo\nthr")
    run.stop()
    let (rows, isComplete) = try run.rows()
    #expect(rows == [[.string("one")], [.string("two")]])
    #expect(isComplete == false)
    #expect(
      run.warnings == ["stopped within a record: its first 3 bytes were not taken"])
  }
}

@Suite("A socket that listens")
struct ListeningTests {
  @Test("takes whole lines of several peers at once, each in its order")
  func severalPeers() throws {
    let run = try SocketRun(anyPort)
    let port = run.port
    let isStarted = (0..<3).allSatisfy { number in
      startThread {
        var random = SplitMix64(seed: UInt64(number))
        let peer = Peer(port: port)
        let text = (0..<500).map { "\(number)-\($0)\n" }.joined()
        var rest = text[...]
        while !rest.isEmpty {
          let piece = rest.prefix(Int.random(in: 1...100, using: &random))
          peer.send(String(piece))
          rest = rest.dropFirst(piece.count)
          if Int.random(in: 0..<20, using: &random) == 0 { usleep(1_000) }
        }
        peer.end()
      }
    }
    #expect(isStarted)
    let texts = try run.texts(1500)
    for number in 0..<3 {
      #expect(texts.filter { $0.hasPrefix("\(number)-") } == (0..<500).map { "\(number)-\($0)" })
    }
    #expect(texts.count == 1500)
  }

  @Test("does not let a silent peer keep the others waiting")
  func silentPeer() throws {
    let run = try SocketRun(anyPort)
    let silent = Peer(port: run.port)
    defer { silent.end() }
    silent.send("half a li")
    let peer = Peer(port: run.port)
    peer.send("one\n")
    #expect(try run.texts(1) == ["one"])
    silent.send("ne\n")
    #expect(try run.texts(1) == ["half a line"])
    peer.send("two\n")
    peer.end()
    #expect(try run.texts(1) == ["two"])
  }

  @Test("reads a header of each peer's own")
  func headers() throws {
    let run = try SocketRun(anyPort, csv(pair))
    for text in ["a,b\n1,x\n", "b,a\n\"y\nz\",2\n", "a\n3\n", "a,b"] {
      let peer = Peer(port: run.port)
      peer.send(text)
      peer.end()
    }
    let rows = try run.rows(3).rows.sorted { "\($0)" < "\($1)" }
    #expect(
      rows == [
        [.integer(1), .string("x")], [.integer(2), .string("y\nz")], [.integer(3), .null],
      ])
  }

  @Test("learns its columns from the first peer that sends something")
  func inference() throws {
    let run = ListeningNews()
    let isStarted = startThread {
      let port = run.waitForPort()
      Peer(port: port).end()
      let peer = Peer(port: port)
      peer.send("{\"id\":1,\"name\":\"x\"}\n")
      peer.end()
    }
    #expect(isStarted)
    let input = try SocketInput(
      anyPort, plan: InputPlan(format: .json), stop: .none, notices: .none
    ) { run.note($0) }
    #expect(input.schema == Schema([Field("id", .bigint), Field("name", .string)]))
    #expect(input.record == input.schema)
    while true {
      guard case .rows(let batch, _, _) = try input.next(until: .never) else { continue }
      #expect(batch.rows == [[.integer(1), .string("x")]])
      break
    }
  }

  @Test("closes a connection that sends nonsense, and goes on with the others")
  func nonsense() throws {
    let run = try SocketRun(anyPort, csv(Schema([Field("a", .bigint)])))
    let peer = Peer(port: run.port)
    peer.send("a\n1\n")
    #expect(try run.rows(1).rows == [[.integer(1)]])
    let bad = Peer(port: run.port)
    bad.send("\"a\"x,b\n1\n")
    try run.takeNews(3)
    _ = try run.input.next(until: .now)
    #expect(bad.isClosed())
    bad.end()
    peer.send("2\n")
    #expect(try run.rows(1).rows == [[.integer(2)]])
    #expect(run.warnings.contains { $0.hasSuffix("; the connection is closed") })
    peer.end()
  }

  @Test("refuses more connections than it can hold, and takes others when some have gone")
  func tooMany() throws {
    let run = try SocketRun(anyPort, connectionCountMax: 2)
    let peers = (0..<2).map { _ in Peer(port: run.port) }
    try run.takeNews(3)
    let third = Peer(port: run.port)
    _ = try run.input.next(until: Deadline(uptime: Moment.now.uptime + 20_000))
    #expect(third.isClosed())
    #expect(run.warnings == ["there are 2 connections: further ones are refused"])
    peers[0].end()
    try run.takeNews(4)
    let fourth = Peer(port: run.port)
    fourth.send("in\n")
    #expect(try run.texts(1) == ["in"])
    for peer in [peers[1], third, fourth] { peer.end() }
  }

  @Test("takes what all peers have sent when it is told to stop")
  func stopping() throws {
    let run = try SocketRun(anyPort)
    let peers = (0..<3).map { _ in Peer(port: run.port) }
    try run.takeNews(4)
    for (number, peer) in peers.enumerated() { peer.send("\(number)\ncut") }
    run.stop()
    let (rows, isComplete) = try run.rows()
    #expect(Set(rows.map { "\($0)" }).count == 3)
    #expect(isComplete == false)
    #expect(run.warnings == ["stopped within a record: its first 9 bytes were not taken"])
    for peer in peers { peer.end() }
  }
}

@Suite("A socket in the file system")
struct SocketFileTests {
  @Test("is there as long as somebody listens")
  func comesAndGoes() throws {
    let directory = TemporaryDirectory()
    let path = directory.at("s")
    do {
      let run = try SocketRun(.listening(.path(path)))
      #expect(directory.names == ["s"])
      let other = try SocketRun(.connecting(.path(path), reconnects: false))
      try run.takeNews(2)
      run.stop()
      #expect(try run.rows().isComplete == false)
      #expect(directory.names.isEmpty)
      #expect(try other.rows().isComplete == true)
    }
  }

  @Test("of a run that was killed is replaced; one in use and a file are not")
  func leftOver() throws {
    let directory = TemporaryDirectory()
    let path = directory.at("s")
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let status = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(status == 0)
    close(descriptor)
    let run = try SocketRun(.listening(.path(path)))
    let error = #expect(throws: StreamError.self) { try SocketRun(.listening(.path(path))) }
    #expect(error?.kind == .unavailable)
    #expect(error?.message == "cannot listen at 'unix:\(path)': address already in use")
    #expect(directory.names == ["s"])
    run.stop()
    _ = try run.rows()
    directory.write("f", "text")
    let file = directory.at("f")
    let other = #expect(throws: StreamError.self) { try SocketRun(.listening(.path(file))) }
    #expect(other?.kind == .usage)
    #expect(directory.text("f") == "text")
  }
}

@Suite("Addresses of sockets")
struct SocketPlaceTests {
  @Test(
    "are read as people write them",
    arguments: [
      ("localhost:9999", "localhost:9999"), ("[::1]:1", "[::1]:1"),
      ("10.0.0.1:65535", "10.0.0.1:65535"),
      ("unix:a:b", "unix:a:b"), ("unix:/run/s", "unix:/run/s"),
    ])
  func connecting(text: String, expected: String) throws {
    #expect(try SocketPlace(connectingTo: text).description == expected)
  }

  @Test(
    "of listeners are those of this machine alone unless they say otherwise",
    arguments: [
      ("9999", "127.0.0.1:9999"), ("0", "127.0.0.1:0"), ("0.0.0.0:80", "0.0.0.0:80"),
      ("[::]:80", "[::]:80"), ("unix:s", "unix:s"),
    ])
  func listening(text: String, expected: String) throws {
    #expect(try SocketPlace(listeningAt: text).description == expected)
  }

  @Test(
    "are refused when they are none",
    arguments: [
      "", ":", "host", "host:", ":9", "a:b:9", "host:+9", "host:99999", "host:0", "[::1]", "unix:",
      "unix:a\0b", "unix:" + String(repeating: "x", count: 108), "host:9 ",
    ])
  func refused(text: String) {
    let error = #expect(throws: StreamError.self) { try SocketPlace(connectingTo: text) }
    #expect(error?.kind == .usage)
  }
}
