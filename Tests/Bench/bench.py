#!/usr/bin/env python3
"""Times our pipelines and other programs in turn and prints ratios.

  bench.py --data DIR [--runs N] [--short] [NAME…]     --short: as little as shows that all of it works

Each run of ours is followed by one of each rival, so that a machine whose speed drifts treats all
alike. Wall seconds of ours are of the whole pipeline, from the first process's start to the last
one's end; those of the rivals are of the query alone, without start-up. The fastest of N counts.
A result that differs from ours ends the benchmark.
"""
import argparse
import csv
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))

PIPELINES = {
    "words": "stream-source file {data}/words --format text"
    " | stream-map --explode \"split(value, ' ') AS word\" --select word"
    " | stream-agg 'count(*) AS n' --by word | stream-sink file {out} --format csv",
    "sensors": "stream-source file {data}/sensors --format csv --columns device,signal"
    " | stream-agg 'count(*) AS n, avg(signal) AS mean' --by device | stream-sink file {out} --format csv",
    "ads": "stream-source file {data}/ads --format json --columns ad_id,event_type"
    " | stream-map --where \"event_type = 'view'\" --select ad_id"
    " | stream-agg 'count(*) AS n' --by ad_id | stream-sink file {out} --format csv",
}
# Event time, with a checkpoint, as it would run from cron.
PIPELINES["minutes"] = (
    "stream-source file {data}/sensors --format csv --columns ts,device_type,signal --checkpoint {out}.ck --final -q"
    " | stream-window --time ts --watermark 10s --size 1m"
    " | stream-agg 'count(*) AS n, avg(signal) AS mean, min(signal) AS low, max(signal) AS high' --by device_type"
    " | stream-map --select \"date_format(window_start, 'HH:mm') || device_type AS k, n, mean, low, high\""
    " | stream-sink file {out} --format csv"
)
PIPELINES["adviews"] = (
    "stream-source file {data}/ads --format json --columns ad_id,event_type,event_time --checkpoint {out}.ck --final -q"
    " | stream-map --where \"event_type = 'view'\" | stream-window --time event_time --watermark 20s --size 10s"
    " | stream-agg 'count(*) AS n' --by ad_id"
    " | stream-map --select \"date_format(window_start, 'HH:mm:ss') || ad_id AS k, n\" | stream-sink file {out} --format csv"
)
PIPELINES["clicks"] = (
    "stream-source file '{data}/clicks/impressions-*.csv' --columns ad_id,imp_time,page --checkpoint {out}.ck --final -q"
    " | stream-window --time imp_time --watermark 10s"
    " | stream-join --stream <(stream-source file '{data}/clicks/clicks-*.csv' --columns ad_id,click_time,cost"
    " --name clicks --checkpoint {out}.ck --final -q | stream-window --time click_time --watermark 10s)"
    " --on 'l.ad_id = r.ad_id AND r.click_time BETWEEN l.imp_time AND l.imp_time + INTERVAL 60 SECONDS'"
    " | stream-map --select page,cost | stream-agg 'count(*) AS n, avg(cost) AS mean' --by page"
    " | stream-sink file {out} --format csv"
)
PIPELINES["campaigns"] = (
    "stream-source file {data}/ads --format json --columns ad_id,event_type,event_time --checkpoint {out}.ck --final -q"
    " | stream-map --where \"event_type = 'view'\" --select ad_id,event_time"
    " | stream-window --time event_time --watermark 20s --size 10s"
    " | stream-join --table {data}/tables/campaigns.csv --on ad_id | stream-agg 'count(*) AS n' --by campaign"
    " | stream-map --select \"date_format(window_start, 'HH:mm:ss') || campaign AS k, n\" | stream-sink file {out} --format csv"
)
SHELL = {
    "words": "mawk '{{for (i = 1; i <= NF; i++) c[$i]++}} END {{for (w in c) print w \",\" c[w]}}' {data}/words/*.txt > {out}",
    "sensors": "mawk -F, 'FNR > 1 {{n[$2]++; s[$2] += $4}} END {{for (d in n) print d \",\" n[d] \",\" s[d] / n[d]}}' {data}/sensors/*.csv > {out}",
}
TITLES = {
    "words": "word count, 500 MB of text",
    "sensors": "count and avg for 10 k keys, 20 M CSV rows",
    "ads": "filter and count by key, 1.4 GB NDJSON",
    "minutes": "20 M CSV rows, 1-minute windows: count, avg, min, max by type, watermark, checkpoint",
    "adviews": "1.4 GB NDJSON, filter, 10-second windows, count by ad, watermark, checkpoint",
    "campaigns": "1.4 GB NDJSON, filter, joined with a table, 10-second windows, count by campaign, watermark, checkpoint",
    "clicks": "2 M impressions joined with 0.4 M clicks within 60 s, count and avg by page, watermarks, checkpoint",
}
EVENT_TIME = ("minutes", "adviews", "clicks", "campaigns")


def run(command):
    """Wall and CPU seconds, and the largest process's memory in MB.

    GNU time stands in between: the kernel counts this interpreter's memory to a process that it starts.
    """
    with tempfile.NamedTemporaryFile("r") as report:
        words = ["/usr/bin/time", "-f", "%U %S %M", "-o", report.name, "bash", "-c", "set -o pipefail; " + command]
        start = time.perf_counter()
        process = subprocess.run(words, stdout=subprocess.PIPE)
        wall = time.perf_counter() - start
        if process.returncode != 0:
            sys.exit(f"bench: status {process.returncode}: {command}")
        user, system, kilobytes = report.read().split()[-3:]
    # Hundredths: less than half of one is none.
    return {"wall": wall, "cpu": max(float(user) + float(system), 0.005), "memory": int(kilobytes) / 1024, "output": process.stdout}


def our_checksum(path):
    from rivals import checksum

    with open(path) as file:
        rows = list(csv.reader(file))
    return checksum(rows[1:] if rows and not rows[0][1].isdigit() else rows)


def ours(name, data, template):
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "out.csv")
        figures = run(template.format(data=data, out=out))
        figures["checksum"] = our_checksum(out)
    return figures


def rival(program, name, data):
    figures = run(f"{sys.executable} {HERE}/rivals.py {program} {name} {data}")
    answer = json.loads(figures["output"])
    return figures | {"wall": answer["seconds"], "checksum": answer["checksum"]}


def same(left, right):
    return left[:2] == right[:2] and abs(left[2] - right[2]) <= 1e-6 * max(1, abs(left[2]))


def compare(name, data, runs, with_shell):
    runners = {"stream-tools": lambda: ours(name, data, PIPELINES[name])}
    for program in ("duckdb",) if name in EVENT_TIME else ("duckdb", "chdb", "polars"):
        if importlib.util.find_spec(program) is None:
            continue
        runners[program] = lambda program=program: rival(program, name, data)
    if with_shell and name in SHELL:
        runners["mawk"] = lambda: ours(name, data, SHELL[name])
    best = {}
    for turn in range(runs):
        for program, runner in runners.items():
            if program == "mawk" and turn > 0:
                continue  # many times slower: once is enough
            figures = runner()
            if program != "stream-tools" and program != "mawk" and not same(best["stream-tools"]["checksum"], figures["checksum"]):
                sys.exit(f"bench: {name}: {program} found {figures['checksum']}, we {best['stream-tools']['checksum']}")
            if program not in best or figures["wall"] < best[program]["wall"]:
                best[program] = figures
    print(f"\n{TITLES[name]}")
    print(f"  {'':14}{'wall s':>8}{'cpu s':>8}{'MB':>8}   ours / theirs: wall, cpu, memory")
    mine = best["stream-tools"]
    for program, figures in best.items():
        ratios = "   ".join(f"{mine[key] / figures[key]:.2f}" for key in ("wall", "cpu", "memory"))
        print(f"  {program:14}{figures['wall']:8.2f}{figures['cpu']:8.2f}{figures['memory']:8.0f}   {ratios}")
    fastest = min((f["wall"], p) for p, f in best.items() if p != "stream-tools")
    print(f"  against the fastest ({fastest[1]}): {mine['wall'] / fastest[0]:.2f}", flush=True)


def parser_throughput(data, runs):
    """Stateless reading: bytes of input a second of the source's CPU."""
    print("\nreading alone (source | sink null)")
    cases = {
        "text": f"stream-source file {data}/words --format text",
        "csv, all columns": f"stream-source file {data}/sensors --format csv",
        "csv, 2 of 4": f"stream-source file {data}/sensors --format csv --columns device,signal",
        "json, all fields": f"stream-source file {data}/ads --format json",
        "json, 2 of 8": f"stream-source file {data}/ads --format json --columns ad_id,event_type",
    }
    for title, command in cases.items():
        directory = command.split()[2]
        size = sum(e.stat().st_size for e in os.scandir(directory))
        best = min((run(f"{command} | stream-sink null") for _ in range(runs)), key=lambda f: f["wall"])
        print(f"  {title:18}{size / best['wall'] / 1e9:6.2f} GB/s wall {size / best['cpu'] / 1e9:6.2f} GB/s a core"
              f"{best['memory']:8.0f} MB", flush=True)


def table_join(data, runs):
    """A stream with and without a join with a table of a million rows, in turn: what is left of its throughput."""
    print("\nrows joined with a table of 1 M rows, and the same rows without the join (source | join | sink null)")
    print(f"  {'':32}{'wall s':>8}{'CPU s':>8}{'without':>10}{'CPU s':>8}   kept: wall, CPU; MB of the join")
    tables = f"{data}/tables"
    for ending in ("csv", "ndjson"):
        for times in (1, 4):
            for key, name in (("id", "sites"), ("device", "devices")):
                with tempfile.TemporaryDirectory() as directory:
                    # The source takes a name once.
                    for number in range(times):
                        os.symlink(f"{tables}/readings.{ending}", f"{directory}/{number}.{ending}")
                    source = f"stream-source file '{directory}/*.{ending}'"
                    join = f"stream-join --table {tables}/{name}.csv --on {key}"
                    turns = [(run(f"{source} | stream-sink null"), run(f"{source} | {join} | stream-sink null")) for _ in range(runs)]
                plain, joined = ({key: min(f[key] for f in turn) for key in ("wall", "cpu", "memory")} for turn in zip(*turns))
                print(f"  {5 * times:2} M rows, {ending:8}by {'bigint' if key == 'id' else 'string':8}{joined['wall']:8.2f}{joined['cpu']:8.2f}"
                      f"{plain['wall']:10.2f}{plain['cpu']:8.2f}   {plain['wall'] / joined['wall']:.2f}, {plain['cpu'] / joined['cpu']:.2f};"
                      f" {joined['memory']:.0f}", flush=True)
    rows = f"head -n 2 {tables}/readings.csv | stream-source --format csv"
    for key, name in (("id", "sites"), ("device", "devices")):
        best = min((run(f"{rows} | stream-join --table {tables}/{name}.csv --on {key} | stream-sink null") for _ in range(runs)),
                   key=lambda f: f["wall"])
        print(f"  the table alone, by {key:8}{best['wall']:8.2f}{best['cpu']:8.2f}", flush=True)


# Ours, and what DuckDB calls it where that differs.
EXPRESSIONS = {
    "arithmetic": ("a * 2 + b", None),
    "arithmetic of doubles": ("x * 1.5D + x / 3.0D", "x * 1.5::DOUBLE + x / 3.0::DOUBLE"),
    "case": ("CASE WHEN i < 1000 THEN 'few' WHEN i < 50000 THEN 'some' ELSE 'many' END", None),
    "coalesce": ("coalesce(b, a)", None),
    "date_trunc": ("date_trunc('hour', ts)", None),
    "date_format": ("date_format(ts, 'yyyy-MM-dd')", "strftime(ts, '%Y-%m-%d')"),
    "substring": ("substring(word, 2, 4)", None),
    "upper": ("upper(word)", None),
    "concat": ("word || '/' || i", None),
    "split": ("split(word, '-')[0]", "split(word, '-')[1]"),
    "length": ("length(url)", None),
    "cast to string": ("CAST(a AS string)", "CAST(a AS VARCHAR)"),
    "regexp_extract": ("regexp_extract(url, 'utm=([^&]*)', 1)", None),
    "regexp_replace": ("regexp_replace(word, '[0-9]+', '#')", "regexp_replace(word, '[0-9]+', '#', 'g')"),
}
CONDITIONS = {
    "comparison": "a > 0 AND b < 500",
    "like, a prefix": "word LIKE 'alpha%'",
    "like, a part": "url LIKE '%utm=mail3%'",
    "in a list": "i IN (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)",
    "between times": "ts BETWEEN TIMESTAMP '2024-01-01 00:00:00' AND TIMESTAMP '2025-01-01 00:00:00'",
    "rlike": "url RLIKE 'page=[0-9]*7&'",
}


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_seconds(command):
    """Of a single command, finer than GNU time says it."""
    before = children_seconds()
    subprocess.run(command, shell=True, check=True)
    return children_seconds() - before


def expressions(data, runs, rows):
    """Projections and filters over the same uncompressed Arrow batches, a thread each: CPU seconds of our stage,
    start-up, reading and writing included, and of DuckDB's query alone."""
    every, path = f"{data}/expressions-{rows}.arrows", f"{data}/expression.arrows"
    if not os.path.exists(every):
        subprocess.run([sys.executable, f"{HERE}/expressions.py", "make", every, str(rows)], check=True)
    print(f"\nexpressions over {rows} rows of Arrow (CPU s; stream-map, DuckDB)")
    cases = [(title, "", ours, theirs or ours) for title, (ours, theirs) in EXPRESSIONS.items()]
    cases += [(f"where: {title}", condition, "a", "a") for title, condition in CONDITIONS.items()]
    for title, condition, select, theirs in cases[::4] if rows < 1_000_000 else cases:
        where = f'--where "{condition}" ' if condition else ""
        # Both are given what the case is about, and nothing else to read past.
        columns = [name for name in ("a", "b", "i", "x", "ts", "word", "url") if re.search(rf"\b{name}\b", condition + select)]
        subprocess.run(f"stream-map -q --compression none --select {','.join(columns)} < {every} > {path}", shell=True, check=True)
        command = f'stream-map -q --compression none {where}--select "{select} AS r" < {path} > /dev/null'
        mine = min(cpu_seconds(command) for _ in range(runs + 2))
        condition = re.sub(r"(\w+) RLIKE ('.*')", r"regexp_matches(\1, \2)", condition)
        answer = subprocess.run([sys.executable, f"{HERE}/expressions.py", "run", path, condition, f"{theirs} AS r"],
                                check=True, stdout=subprocess.PIPE)
        other = float(answer.stdout)
        print(f"  {title:26}{mine:7.3f}{other:7.3f}   {mine / other:.2f}", flush=True)


def parquet(data, runs, rows):
    """Our reader against pyarrow's, both on one thread: CPU seconds of the same columns, and of a thousand rows that
    statistics lead to.

    Ours also pays for its start and for writing the rows into a pipe.
    """
    print(f"\nParquet, {rows} rows: CPU s of the source, of pyarrow, and the ratio")
    is_short = rows < 1_000_000
    for codec in ("zstd",) if is_short else ("none", "snappy", "zstd"):
        path = f"{data}/parquet-{codec}-{rows}.parquet"
        if not os.path.exists(path):
            subprocess.run([sys.executable, f"{HERE}/parquet.py", "make", path, codec, str(rows)], check=True)
        columns = ["id", "few", "any", "maybe", "f", "ts", "word", "text", "b", "list", "struct", "", "1000 rows"]
        for column in columns[-3:] if is_short else columns:
            if column == "1000 rows":
                choice, theirs = ["--where", f"id >= {rows // 2} AND id < {rows // 2} + 1000"], ["find", path, str(rows // 2)]
            else:
                choice, theirs = (["--columns", column], ["read", path, column]) if column else ([], ["read", path])
            mine = min(source_seconds(["stream-source", "file", path, *choice]) for _ in range(runs))
            words = [sys.executable, f"{HERE}/parquet.py", *theirs]
            other = float(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
            print(f"  {codec:8}{column or 'all':10}{mine:8.3f}{other:8.3f}{mine / other:8.2f}", flush=True)


def source_seconds(command):
    """CPU seconds of a source whose rows nobody decodes."""
    sink = subprocess.Popen(["stream-sink", "null"], stdin=subprocess.PIPE)
    source = subprocess.Popen(command, stdout=sink.stdin)
    sink.stdin.close()
    _, status, usage = os.wait4(source.pid, 0)
    if status != 0:
        sys.exit(f"bench: status {status}: {' '.join(command)}")
    sink.wait()
    return usage.ru_utime + usage.ru_stime


def start_up(runs):
    """One line through a tool: CPU time and memory of a whole pipeline, by its number of tools."""
    best = min((run("printf 'x\\n' | stream-source | stream-sink stdout") for _ in range(runs + 17)), key=lambda f: f["cpu"])
    print(f"\none line through source | sink: {best['wall'] * 1000:.1f} ms, {best['cpu'] * 1000 / 2:.1f} ms CPU a tool, "
          f"{best['memory']:.1f} MB", flush=True)


def latency(seconds):
    """From the write of a line to its arrival behind source | map | sink, at 10 k lines a second."""
    pipeline = "stream-source | stream-map --where \"value <> ''\" | stream-sink stdout --format text"
    process = subprocess.Popen(["bash", "-c", pipeline], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    child = os.fork()
    if child == 0:
        process.stdout.close()
        period, start = 0.001, time.perf_counter()
        for turn in range(int(seconds / period)):
            while time.perf_counter() < start + turn * period:
                time.sleep(0.0002)
            now = time.perf_counter()
            os.write(process.stdin.fileno(), b"".join(b"%.7f\n" % now for _ in range(10)))
        os._exit(0)
    process.stdin.close()
    delays, rest = [], b""
    while chunk := os.read(process.stdout.fileno(), 65536):
        now = time.perf_counter()
        *lines, rest = (rest + chunk).split(b"\n")
        delays += [(now - float(line)) * 1000 for line in lines]
    os.waitpid(child, 0)
    delays = sorted(delays[len(delays) // 10:])
    print(f"\nlatency of a filter at 10 k rows/s: p50 {delays[len(delays) // 2]:.2f} ms, "
          f"p99 {delays[len(delays) * 99 // 100]:.2f} ms, largest {delays[-1]:.1f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-shell", action="store_true", help="leave mawk out")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or [*PIPELINES, "tablejoin", "reading", "parquet", "expressions", "start", "latency"]
    rows = 20_000 if options.short else 4_000_000
    if options.short:
        print("short: titles tell of the whole inputs")
    for name in names:
        if name in PIPELINES:
            compare(name, options.data, options.runs, not options.no_shell)
        elif name == "reading":
            parser_throughput(options.data, options.runs)
        elif name == "tablejoin":
            table_join(options.data, options.runs)
        elif name == "parquet":
            parquet(options.data, options.runs, rows)
        elif name == "expressions":
            expressions(options.data, options.runs, rows)
        elif name == "start":
            start_up(options.runs)
        elif name == "latency":
            latency(0.2 if options.short else 5)


if __name__ == "__main__":
    main()
