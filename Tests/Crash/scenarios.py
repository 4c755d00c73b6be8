"""Pipelines whose result is known, with what their input is made of."""

import random


class Scenario:
    """A pipeline, its input, and how its result is read.

    The result is text that does not depend on how the input was cut into epochs, or on how often the
    pipeline was started. A promise prints lines, too: whichever of them is there at any moment, be it
    behind a crash, has to be there in the end. Nothing is printed by the third command, whatever was
    killed; who damages a checkpoint may forget how an epoch looked that was not committed.
    """

    def __init__(self, name, command, result, files=None, statuses=(0,), promise=None, never=None):
        self.name = name
        self.command = command
        self.result = result
        self.files = files or {}
        self.statuses = statuses
        self.promise = promise
        self.never = never

    def prepare(self, rig):
        for name, text in self.files.items():
            rig.write(name, text)


def rows(seed, count, keys=20):
    random.seed(seed)
    lines = [f"{random.randrange(keys)},{random.randrange(1000)}" for _ in range(count)]
    return "k,v\n" + "\n".join(lines) + "\n"


def timed_rows(seed, count, keys=3, start=None):
    """Times that go on by some seconds, now and then back by up to two minutes; one is missing."""
    random.seed(seed)
    lines, now = [], 1767268800 + 100 * (seed if start is None else start)
    for _ in range(count):
        now += random.randrange(10)
        time = now - (random.randrange(120) if random.random() < 0.2 else 0)
        lines.append(f"{time},{random.randrange(keys)},{random.randrange(100)}")
    lines.insert(count // 2, ",0,0")
    return "s,k,v\n" + "\n".join(lines) + "\n"


def lines(seed, count):
    random.seed(seed)
    words = ["ash", "birch", "cedar", "elm", "fir", "oak", "pine", "yew"]
    return "".join(
        " ".join(random.choice(words) for _ in range(random.randrange(1, 6))) + "\n"
        for _ in range(count))


RATE = Scenario(
    "rate to parts, with state",
    "stream-source rate --rows-per-second 1000000 --rows 300 --max-rows 60 --checkpoint ck"
    " | stream-map --select 'value % 7 AS k, value AS v'"
    " | stream-agg 'count(*) AS n, sum(v) AS s' --by k"
    " | stream-sink stdout --format csv >> out.csv",
    "grep -v ^k, out.csv | awk -F, '{ r[$1] = $0 } END { for (k in r) print r[k] }' | sort")

FILES = Scenario(
    "files to parts, with state",
    "stream-source file in-*.csv --max-files 1 --checkpoint ck --trigger available-now"
    " | stream-map --where 'v >= 0'"
    " | stream-agg 'count(*) AS n, sum(v) AS s, max(v) AS m, count(DISTINCT v) AS d' --by k"
    " | stream-sink file out/ --format csv",
    "for p in $(ls out/*.csv | sort); do cat $p; done",
    files={f"in-{n}.csv": rows(n, 40) for n in range(4)})

TAIL = Scenario(
    "a log to a database, with state",
    "stream-source tail in.csv --max-rows 25 --checkpoint ck --trigger available-now"
    " | stream-agg 'count(*) AS n, avg(v) AS a, min(v) AS m' --by k"
    " | stream-sink sqlite out.db --table t",
    "sqlite3 -batch out.db 'SELECT * FROM t ORDER BY k'",
    files={"in.csv": rows(7, 100)})

WHOLE = Scenario(
    "a whole result to a file, and rows to a program",
    "mkdir -p got; stream-source file in-*.csv --max-rows 30 --checkpoint ck --trigger available-now"
    " | stream-agg 'count(*) AS n, collect_list(v) AS l' --by k --mode complete --order-by k"
    " | stream-sink file out.csv --also"
    " 'exec --format csv \"cat > got/.new && mv got/.new got/$STREAM_EPOCH\"'",
    "cat out.csv; for p in $(ls got | sort -n); do echo epoch $p; cat got/$p; done",
    files={f"in-{n}.csv": rows(n, 40, keys=5) for n in range(3)})

APPENDED = Scenario(
    "lines to a file and to parts in partitions",
    "stream-source file in-*.csv --max-files 1 --checkpoint ck --trigger available-now"
    " | stream-map --select 'k % 3 AS p, v'"
    " | stream-sink file out.csv --also 'file out/ --format json --partition-by p --roll 200'",
    "cat out.csv; for p in $(ls out/*/* | sort); do echo ${p%%/part*}; cat $p; done",
    files={f"in-{n}.csv": rows(n, 40) for n in range(3)})

WINDOWS = Scenario(
    "windows to partitions that are marked when they are whole, late rows to a directory",
    "stream-source file in-*.csv --max-files 1 --checkpoint ck --trigger available-now --final"
    " | stream-window --time 'timestamp_seconds(s) AS ts' --watermark 30s --size 5m --late late"
    " | stream-agg 'count(*) AS n, sum(v) AS s' --by k"
    " | stream-sink file out/ --format csv --partition-by window_start --done-file",
    "for d in out/*; do echo $d; ls $d | grep -v ^part-; cat $d/part-*; done;"
    " for p in $(ls late); do echo late ${p##*-};"
    " stream-source -q file late/$p | stream-sink stdout; done",
    files={f"in-{n}.csv": timed_rows(n, 30) for n in range(4)},
    promise="for m in $(ls out/*/_SUCCESS 2> /dev/null); do d=${m%/*};"
    " echo $d $(cat $d/part-* | cksum); done")

FINAL = Scenario(
    "a result that comes once, when the input is complete",
    "stream-source file in-*.csv --max-files 1 --checkpoint ck --trigger available-now --final"
    " | stream-agg 'count(*) AS n, sum(v) AS s' --by k | stream-sink file out/ --format csv",
    "for p in $(ls out/*.csv | sort); do cat $p; done",
    files={f"in-{n}.csv": rows(n, 40) for n in range(3)})

SESSIONS = Scenario(
    "sessions that are taken back when they merge, to a database",
    "stream-source file in-*.csv --max-rows 15 --checkpoint ck --trigger available-now --final"
    " | stream-window --time 'timestamp_seconds(s) AS ts' --watermark 20s --session 20s --late late/"
    " | stream-agg 'count(*) AS n, sum(v) AS s, collect_list(v) AS l' --by k --mode update"
    " | stream-map --with 'size(l) AS c' --drop l"
    " | stream-sink sqlite out.db --table t",
    "sqlite3 -batch out.db 'SELECT * FROM t ORDER BY window_start, k';"
    " stream-source file late/ -q | stream-sink stdout --format csv",
    files={f"in-{n}.csv": timed_rows(n, 30) for n in range(4)})

CHAINED = Scenario(
    "first rows of each key, in windows that slide, in windows of these",
    "stream-source file in-*.csv --max-files 1 --checkpoint ck --trigger available-now --final"
    " | stream-window --time 'timestamp_seconds(s) AS ts' --watermark 60s --size 2m --slide 40s"
    " | stream-dedup --on k,v --within 5m | stream-agg 'count(DISTINCT v) AS d, avg(v) AS a' --by k"
    " | stream-window --time window_time --size 10m"
    " | stream-agg 'count(*) AS windows, sum(d) AS d, max(a) AS a' --by k"
    " | stream-sink file out/ --format csv",
    "for p in $(ls out/*.csv | sort); do cat $p; done",
    files={f"in-{n}.csv": timed_rows(n, 30) for n in range(4)})

OWN = Scenario(
    "a program's own state, that ends visits when their time is over",
    "stream-source file in-*.csv --max-rows 15 --checkpoint ck --trigger available-now --final"
    " | stream-window --time 'timestamp_seconds(s) AS ts' --watermark 30s --late late/"
    " | stream-state --by k --timeout 20s --exec 'python3 -S visits.py'"
    " --schema 'k bigint, n bigint, v bigint, why string'"
    " | stream-sink file out/ --format csv",
    "for p in $(ls out/*.csv | sort); do cat $p; done;"
    " stream-source file late/ -q | stream-sink stdout --format csv",
    files={f"in-{n}.csv": timed_rows(n, 30) for n in range(3)} | {"visits.py": """
import json, sys

for line in sys.stdin:
    call = json.loads(line)
    visit = call["state"] or {"n": 0, "v": 0}
    visit = {"n": visit["n"] + len(call["rows"]), "v": visit["v"] + sum(r["v"] for r in call["rows"])}
    rows = []
    if call["timeout"] or visit["n"] % 4 == 0:
        rows = [call["key"] | visit | {"why": "time" if call["timeout"] else "fourth"}]
    # Forgotten, kept, and kept behind a timeout.
    gone = call["timeout"] and visit["v"] % 3 != 0
    print(json.dumps({"state": None if gone else visit, "rows": rows}))
"""})


def branch(name, epochs, behind=""):
    """A source of its own, with event times. The disorder is less than the delay: no row is late,
    whichever input is ahead."""
    return (
        f"stream-source file {name}-*.csv --name {name} {epochs} --checkpoint ck"
        " --trigger available-now --final"
        f" | stream-window --time 'timestamp_seconds(s) AS ts' --watermark 3m --size 5m{behind}")


def merging(name, *stages):
    """Several inputs; the order of what comes out depends on whose epochs end first."""
    return Scenario(
        name, " | ".join([*stages, "stream-sink file out/ --format csv --no-header"]),
        "cat out/*.csv | sort",
        files={f"{b}-{n}.csv": timed_rows(10 * i + n, 30, start=n)
               for i, b in enumerate("lmr") for n in range(3) if f"{b}-*" in "".join(stages)},
        promise="cat $(ls out/*.csv 2> /dev/null) /dev/null")


COUNTS = "stream-agg 'count(*) AS n, sum(v) AS s' --by k"

UNION = merging(
    "two inputs in one, of which one has state of its own",
    branch("l", "--max-files 1"),
    f"stream-union <({branch('r', '--max-rows 25', ' | stream-dedup --on k,v --within 5m')})", COUNTS)

NESTED = merging(
    "unions of unions",
    branch("l", "--max-files 1"),
    f"stream-union --name u <({branch('m', '--max-rows 40')} | stream-union <({branch('r', '--max-rows 25')}))",
    COUNTS)

JOIN = merging(
    "two inputs that are joined",
    branch("l", "--max-rows 20"),
    f"stream-join --stream <({branch('r', '--max-files 1')}) --type left"
    " --on 'l.k = r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL 60 SECONDS'")

TABLE = Scenario(
    "rows joined with a table that each epoch changes; what is made again has the table that it had",
    "mkdir -p got; stream-source file in-*.csv --max-rows 12 --checkpoint ck --trigger available-now"
    " | stream-join --table t.csv --on k --type left --refresh 1ms"
    " | stream-sink file out/ --format csv --also 'exec --format csv \"sh again\"'",
    # Rows once each, of an epoch all with one version of the table.
    "cat out/*.csv | cut -d, -f1,2 | grep -v k | sort;"
    " for p in out/*.csv; do grep -v k $p | cut -s -d, -f3 | grep . | sort -u | wc -l; done | sort -u",
    never="cat differs 2> /dev/null || true",
    files={
        **{f"in-{n}.csv": rows(n, 40) for n in range(3)},
        "t.csv": "k,version\n" + "".join(f"{k},0\n" for k in range(19)),
        "again": "cat > got/.new; e=$STREAM_EPOCH\n"
        "if [ -e got/$e ] && ! cmp -s got/.new got/$e; then echo epoch $e differs >> differs; fi\n"
        "mv got/.new got/$e; sed \"1!s/,.*/,$e/\" t.csv > t.new; mv t.new t.csv\n",
    })

SCENARIOS = {
    "rate": RATE, "files": FILES, "tail": TAIL, "whole": WHOLE, "appended": APPENDED,
    "windows": WINDOWS, "sessions": SESSIONS, "chained": CHAINED,
    "final": FINAL, "union": UNION, "nested": NESTED, "join": JOIN, "own": OWN, "table": TABLE,
}
