import Toolkit
import stream_agg
import stream_dedup
import stream_join
import stream_map
import stream_query
import stream_sink
import stream_source
import stream_sql
import stream_state
import stream_union
import stream_window

// One executable with a link for each tool: it looks at the name that it was called by.
Multicall.run(
  [
    SourceTool.entry, MapTool.entry, WindowTool.entry, AggregateTool.entry, DedupTool.entry,
    StateTool.entry, JoinTool.entry, UnionTool.entry, StatementTool.entry, SinkTool.entry,
    QueryTool.entry,
  ],
  arguments: CommandLine.arguments)
