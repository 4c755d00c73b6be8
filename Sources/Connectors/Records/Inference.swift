internal import Columnar
internal import Diagnostics
internal import Formats

func inferSchema(
  _ format: Format, _ options: ReadOptions, sample: Buffer<UInt8>, isWhole: Bool,
  header: CSVHeader?
) throws(StreamError) -> Schema {
  if let header { return Schema(header.names.map { Field($0, .string) }) }
  throw StreamError(.usage, "no schema", hint: "--schema 'id bigint, name string'")
}
