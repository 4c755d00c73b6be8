import ArgumentParser
import Connectors
import Diagnostics
import Formats
import Toolkit

struct SocketSource: SourceKind {
  static let configuration = CommandConfiguration.tool(
    SourceTool.toolName, kind: "socket", abstract: "Read from sockets.",
    discussion: """
      An ADDRESS is HOST:PORT or unix:PATH: the peer that is connected to. With --listen peers \
      connect to us, one or many; their rows come as they arrive, record by record. Each connection \
      is a stream of its own: CSV brings its header in each, and a record that the end of a \
      connection cuts off is malformed.

      Without a checkpoint the peer's close is the end of the input. With --checkpoint what was \
      received is written down before it goes on, and a peer that is not there or goes away is \
      tried again until it is back. What is on its way when the connection breaks is the peer's.
      """,
    examples: [
      ("lines of a peer", "stream-source socket localhost:9999 | stream-sink"),
      (
        "JSON lines from anybody on this machine",
        "stream-source socket --listen 9999 --format json --schema 'id bigint, name string' "
          + "| stream-sink"
      ),
      (
        "a socket in the file system, nothing lost in a crash",
        "stream-source socket --listen unix:/run/q.sock --checkpoint /var/lib/q | stream-sink file out/"
      ),
    ])

  @Argument(help: ArgumentHelp("The peer: HOST:PORT or unix:PATH.", valueName: "address"))
  var address: ArgumentText?

  @Option(
    help: ArgumentHelp(
      "Accept connections at [ADDRESS:]PORT (of this machine alone, unless ADDRESS says otherwise) "
        + "or unix:PATH. Port 0 is one that is free; -v says which.",
      valueName: "place"))
  var listen: ArgumentText?

  @OptionGroup(title: "Epochs") var epochs: EpochOptions

  @Option(help: ArgumentHelp("Let an epoch have at most so many bytes.", valueName: "size"))
  var maxBytes: ArgumentText?

  @OptionGroup(title: "Records") var records: RecordOptions
  @OptionGroup(title: "Checkpoint") var checkpoint: CheckpointOptions
  @OptionGroup(title: "Common options") var common: CommonOptions

  func run() throws {
    let plan = try records.checked { .text }
    guard !plan.format.isBinary else {
      throw StreamError(
        .usage, "--format \(plan.format.rawValue): sockets are read as text, csv or json",
        hint: plan.format == .arrow
          ? "socat -u TCP:HOST:PORT - | \(Self.toolName) --format arrow" : nil)
    }
    var bounds = try epochs.checkedBounds()
    bounds.bytes = try maxBytes.map { try positiveByteCount($0, "--max-bytes") }
    let guards = PlanGuards().adding("the kind of source", "socket")
      .adding("--format", plan.format.rawValue)
    let request = try checkpoint.request(guards)
    let role = try checkedRole(isKept: request != nil)
    let options = records.adding(
      to: epochs.adding(to: PlanOptions(["socket"] + (address.map { [$0.text] } ?? [])))
        .adding("listen", listen?.text).adding("max-bytes", maxBytes?.text),
      format: plan.format)
    releaseStandardInput(unlessAmong: [])
    let log = try log()
    let received = ReceivedRecords(
      plan: plan, epochs: epochs, bounds: bounds, endsByItself: false
    ) {
      try SocketInput(role, plan: $0, stop: $1, notices: $2, malformed: $3) { log.info($0) }
    }
    try runSource(options: options.json, checkpoint: request) { try received.run($0) }
  }

  private func checkedRole(isKept: Bool) throws -> SocketInput.Role {
    let role: SocketInput.Role
    switch (address?.text, listen?.text) {
    case (let address?, nil):
      role = .connecting(try SocketPlace(connectingTo: address), reconnects: isKept)
    case (nil, let place?): role = .listening(try SocketPlace(listeningAt: place))
    case (nil, nil):
      throw StreamError(
        .usage, "no address named",
        hint: "\(Self.toolName) socket localhost:9999, or \(Self.toolName) socket --listen 9999")
    case (_?, _?):
      throw StreamError(.usage, "an address and --listen exclude each other")
    }
    if try epochs.checkedTrigger() == .availableNow, isKept || listen != nil {
      throw StreamError(
        .usage, "--trigger available-now: connections may come for ever",
        hint: "an epoch a second: --trigger 1s")
    }
    return role
  }
}
