(.state + (.rows | length)) as $n
| {state: $n, rows: [{word: .key.word, n: $n}]}
