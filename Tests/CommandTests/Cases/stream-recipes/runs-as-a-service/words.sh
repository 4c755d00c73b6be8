#!/bin/bash
set -o pipefail
trap : TERM
stream-source tail /var/log/words.txt --checkpoint ck -q |
  stream-map --explode "split(value, ' ') AS word" |
  stream-agg 'count(*) AS n' --by word |
  stream-sink sqlite words.db --table words
