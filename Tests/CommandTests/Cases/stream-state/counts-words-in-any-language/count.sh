stream-source file words.txt --max-rows 4 |
  stream-state --by value --exec 'python3 count.py' \
    --schema 'word string, n bigint' | stream-sink
