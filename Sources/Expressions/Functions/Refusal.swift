/// A group of functions that Spark has and that cannot be had here: why, and what to do instead.
package struct Refusal: Sendable {
  /// What they have in common, for the manual: `random values`.
  package let topic: String
  /// In lower case; a `*` at the end stands for any letters.
  package let names: [String]
  package let reason: String
  /// In it, `CALL` stands for the call as it was written; nil where nothing comes near.
  package let hint: String?

  init(_ topic: String, _ names: String, _ reason: String, hint: String? = nil) {
    self.topic = topic
    self.names = names.split(separator: " ").map(String.init)
    self.reason = reason
    self.hint = hint
  }

  /// - Parameter name: in lower case.
  static func of(_ name: String) -> Refusal? {
    byName[name] ?? families.first { name.hasPrefix($0.prefix) }?.refusal
  }

  /// - Parameter call: as it was written.
  func hint(for call: String) -> String? {
    guard let hint, hint.contains("CALL") else { return hint }
    let quoted = call.contains("'") ? hint.replacing("'", with: "\"") : hint
    return quoted.replacing("CALL", with: call)
  }

  private static let byName: [String: Refusal] = {
    var table: [String: Refusal] = [:]
    for refusal in all {
      for name in refusal.names { table[name] = refusal }
    }
    return table
  }()

  private static let families: [(prefix: String, refusal: Refusal)] = all.flatMap { refusal in
    refusal.names.filter { $0.hasSuffix("*") }.map { (String($0.dropLast()), refusal) }
  }
}

extension Refusal {
  package static let all: [Refusal] =
    [random, places] + rowMakers + neighbours + windows + formats + outside + types + sketches

  private static let random = Refusal(
    "random values", "rand random randn randstr uniform uuid shuffle",
    "a replayed row must give the same result, so there are no random functions",
    hint: "pmod(xxhash64(id), 100) < 5 takes five rows of a hundred, the same ones each time")

  private static let places = Refusal(
    "numbers of rows", "monotonically_increasing_id spark_partition_id",
    "rows have no number of their own in a stream",
    hint: "stream-source --metadata adds _offset: where in its file a row begins")

  private static let rowMakers = [
    Refusal(
      "rows out of one", "explode explode_outer",
      "makes rows of one row, so it is a step of its own",
      hint: "stream-map --explode 'CALL AS item'"),
    Refusal(
      "rows out of structs and of columns", "inline inline_outer stack",
      "makes rows of one row, so it is a step of its own",
      hint: "stream-map --explode 'CALL'"),
    Refusal(
      "rows out of one, with their places", "posexplode posexplode_outer",
      "makes rows of one row, so it is a step of its own",
      hint: "stream-map --explode 'CALL AS (pos, item)'"),
    Refusal(
      "several columns of a JSON text", "json_tuple",
      "makes several columns, and an expression makes one",
      hint: #"--with "get_json_object(text, '$.a') AS a, get_json_object(text, '$.b') AS b""#),
    Refusal(
      "tables of their own", "range sql_keywords collations python_worker_logs",
      "makes a table, and an expression makes a value",
      hint: "stream-map --explode 'sequence(1, 10) AS id' makes ten rows of each"),
  ]

  private static let neighbours = [
    Refusal(
      "ranks", "row_number rank dense_rank percent_rank cume_dist ntile",
      "a place among rows is known when all are, and a stream goes on",
      hint: "the first rows of all: stream-agg … --order-by 'n DESC' --limit 10; places in each "
        + "epoch: stream-sql 'SELECT *, row_number() OVER (PARTITION BY k ORDER BY n) AS place FROM "
        + "input'"),
    Refusal(
      "neighbours", "lag lead nth_value counter_diff",
      "the rows beside a row are not there in a stream",
      hint:
        "in each epoch: stream-sql 'SELECT *, lag(x) OVER (PARTITION BY k ORDER BY ts) AS before "
        + "FROM input'; across epochs: stream-state --by k"),
    Refusal(
      "several groupings at once", "grouping grouping_id",
      "there are no GROUPING SETS, CUBE and ROLLUP",
      hint: "a stream-agg for each set of keys, and stream-union behind them"),
  ]

  private static let windows = [
    Refusal(
      "windows of time", "window", "windows are a stage of their own, which also closes them",
      hint: "stream-window --time ts --watermark 1m --size 10m | stream-agg 'count(*)'"),
    Refusal(
      "sessions", "session_window", "windows are a stage of their own, which also closes them",
      hint: "stream-window --time ts --watermark 1m --session 10m | stream-agg 'count(*)' --by k"),
    Refusal(
      "the time of a window", "window_time", "a window is two columns, window_start and window_end",
      hint: "window_end - INTERVAL '0.000001' SECOND"),
  ]

  private static let formats = [
    Refusal(
      "XML", "from_xml to_xml schema_of_xml xpath xpath_*", "there is no XML",
      hint: "stream-map --exec 'python3 xml_to_json.py' sends rows through a program"),
    Refusal(
      "Avro and Protobuf",
      "from_avro to_avro schema_of_avro from_protobuf to_protobuf",
      "there is neither Avro nor Protobuf",
      hint: "stream-map --exec 'python3 decode.py' sends rows through a program"),
    Refusal(
      "the type variant",
      """
      parse_json try_parse_json is_variant_null is_valid_variant schema_of_variant \
      schema_of_variant_agg to_variant_object variant_* try_variant_*
      """, "there is no type variant; JSON stays a text",
      hint: "get_json_object(text, '$.a.b'), or from_json(text, 'a INT, b STRING')"),
  ]

  private static let outside = [
    Refusal(
      "keys", "aes_encrypt aes_decrypt try_aes_decrypt hmac",
      "a key in an expression would be seen by all, in the list of processes and in the checkpoint",
      hint: "stream-map --exec 'python3 encrypt.py', which reads the key from a file"),
    Refusal(
      "Java", "java_method reflect try_reflect", "there is no Java here",
      hint: "stream-map --exec 'java -jar my.jar' sends rows through a program"),
    Refusal(
      "users and catalogs",
      """
      user current_user session_user current_catalog current_database current_schema current_path \
      measure
      """, "there is neither a session nor a catalog",
      hint: #"the shell knows: --with "'$USER' AS user""#),
    Refusal(
      "files", "input_file_name", "an expression does not know where a row came from",
      hint: "give stream-source --metadata and use its column '_file'"),
    Refusal(
      "blocks of files", "input_file_block_start input_file_block_length",
      "a file is read from one end to the other, not in blocks",
      hint: "give stream-source --metadata and use its column '_offset'"),
    Refusal(
      "collations", "collate collation", "texts are compared by their bytes, as UTF8_BINARY is",
      hint: "lower(a) = lower(b), a ILIKE 'b%'"),
  ]

  private static let types = [
    Refusal(
      "times of day",
      """
      make_time to_time try_to_time time current_time localtime time_diff time_trunc \
      time_from_* time_to_*
      """, "there is no type for a time of day",
      hint: "date_format(ts, 'HH:mm:ss') is one as text, hour(ts) * 60 + minute(ts) as a number"),
    Refusal(
      "nanoseconds", "timestamp_nanos unix_nanos", "timestamps have microseconds",
      hint: "timestamp_micros(n DIV 1000), unix_micros(ts) * 1000"),
    Refusal("geometry", "st_*", "there are no types for geometry"),
    Refusal(
      "vectors", "vector_*", "there are no functions for vectors",
      hint: "aggregate(zip_with(a, b, (x, y) -> x * y), 0D, (sum, x) -> sum + x)"),
  ]

  private static let sketches = [
    Refusal(
      "most frequent values", "approx_top_k approx_top_k_*", "it is exact here, by another name",
      hint: "top_k(x, 10)"),
    Refusal(
      "other sketches of sets", "count_min_sketch theta_* tuple_*",
      "of sketches that can be kept there are only those of HyperLogLog",
      hint: "hll_sketch_agg(x), hll_union_agg(sketch), hll_sketch_estimate(sketch)"),
    Refusal(
      "sketches of quantiles", "kll_*",
      "of sketches that can be kept there are only those of HyperLogLog",
      hint: "percentile(x, 0.95), histogram_numeric(x, 100)"),
    Refusal(
      "unions of arrays", "collect_union", "there is no function of its own for it",
      hint: "array_distinct(flatten(collect_list(a)))"),
  ]
}
