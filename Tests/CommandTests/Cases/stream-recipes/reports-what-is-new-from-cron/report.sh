#!/bin/bash
set -o pipefail
cd /var/lib/report || exit
stream-source file 'in/*.csv' --checkpoint ck \
    --trigger available-now -q |
  stream-agg 'count(*) AS orders, sum(price) AS sold' --by product |
  stream-sink sqlite report.db --table products
