package import Columnar
package import Formats

/// Records on standard output, for the next program.
///
/// Rows go out as they come. A result that is sent whole again and again (complete mode) goes out
/// once, at the end, when the input is bounded: what stands on the output must not depend on how the
/// input was cut into epochs.
package struct StreamTarget: Target {
  private let output: RecordOutput
  private var held: WholeResult?

  package init(descriptor: Int32 = 1, _ writer: any RecordWriter) {
    output = RecordOutput(to: descriptor, named: "standard output", writer)
  }

  package mutating func begin(_ form: ResultForm) throws {
    if form.mode == .complete, form.isBounded { held = WholeResult() }
    try output.begin(form.schema)
  }

  package mutating func write(_ batch: Batch, isDeletion: Bool) throws {
    if isDeletion { throw refuseDeletion() }
    if held?.add(batch) == nil { try output.write(batch) }
  }

  package mutating func commit(_ epoch: TargetEpoch) throws {
    held?.commit(epoch)
    try output.flush()
  }

  package mutating func flush() throws {
    try output.flush()
  }

  package mutating func discard() { output.discard() }

  package mutating func end() throws {
    for batch in held?.batches ?? [] { try output.write(batch) }
    try output.end()
  }
}
