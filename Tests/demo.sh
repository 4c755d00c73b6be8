# A word count and a report over files that every Debian has.
set -eu

say() { printf '\n$ %s\n' "$1"; sh -c "$1"; }

say "stream-source file '/usr/share/common-licenses/GPL-*' --format text \\
  | stream-map --explode \"split(translate(lower(value), '.,;:()', '      '), ' ') AS word\" --where \"word <> ''\" --select word \\
  | stream-agg 'count(*) AS n' --by word --mode complete --order-by 'n DESC, word' --limit 10 \\
  | stream-sink"

say "stream-source file /etc/passwd --format csv --delimiter : --no-header \\
    --schema 'user string, password string, uid int, gid int, name string, home string, shell string' \\
  | stream-agg 'count(*) AS users, min(uid) AS first, max(uid) AS last' --by shell \\
      --mode complete --order-by 'users DESC, shell' \\
  | stream-sink"

say "stream-source rate --rows-per-second 5000 --rows 10000 \\
  | stream-map --with 'value % 3 AS remainder' --where 'remainder > 0' \\
  | stream-agg 'count(*) AS n, sum(value) AS total' --by remainder --mode complete \\
  | stream-sink stdout --format json | tail -2"
