stream-source file clicks.csv --max-rows 3 |
  stream-window --time ts --watermark 1m |
  stream-state --by user --timeout 5m --exec 'python3 visits.py' \
    --schema 'user string, began timestamp, ended timestamp,
      pages bigint' | stream-sink
