import Toolkit
import stream_sink

// One executable with a link for each tool: it looks at the name that it was called by.
Multicall.run([SinkTool.entry], arguments: CommandLine.arguments)
