#!/usr/bin/env python3
"""Runs one benchmark query in one other program and prints {"seconds", "checksum"}.

  rivals.py PROGRAM QUERY DATA     PROGRAM: duckdb, chdb, polars; each with two threads

The time is the query's own: start-up and imports of the other program are not counted against it.
The checksum is over the whole result, so that all programs are known to have done the same work.
"""
import json
import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "2"


def duckdb_run(query, data):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    lines = f"read_csv('{data}/words/*.txt', columns={{'line': 'VARCHAR'}}, delim='\x01', quote='', escape='', header=false, auto_detect=false)"
    columns = "'ad_id': 'VARCHAR', 'event_type': 'VARCHAR'" + (", 'event_time': 'TIMESTAMP'" if query in ("adviews", "campaigns") else "")
    ads = f"read_json('{data}/ads/*.ndjson', format='newline_delimited', columns={{{columns}}})"
    text = {
        "words": f"SELECT w, count(*) n FROM (SELECT unnest(string_split(line, ' ')) w FROM {lines}) GROUP BY w",
        "sensors": f"SELECT device, count(*) n, avg(signal) m FROM read_csv('{data}/sensors/*.csv') GROUP BY device",
        "ads": f"SELECT ad_id, count(*) n FROM {ads} WHERE event_type = 'view' GROUP BY ad_id",
        "minutes": "SELECT strftime(w, '%H:%M') || device_type, n, m, l, h FROM (SELECT time_bucket(INTERVAL 1 MINUTE, ts) w, device_type,"
        f" count(*) n, avg(signal) m, min(signal) l, max(signal) h FROM read_csv('{data}/sensors/*.csv') GROUP BY ALL)",
        "adviews": "SELECT strftime(w, '%H:%M:%S') || ad_id, n FROM (SELECT time_bucket(INTERVAL 10 SECONDS, event_time) w, ad_id, count(*) n"
        f" FROM {ads} WHERE event_type = 'view' GROUP BY ALL)",
        "campaigns": "SELECT strftime(w, '%H:%M:%S') || campaign, n FROM (SELECT time_bucket(INTERVAL 10 SECONDS, event_time) w, campaign,"
        f" count(*) n FROM {ads} JOIN read_csv('{data}/tables/campaigns.csv') USING (ad_id) WHERE event_type = 'view' GROUP BY ALL)",
        "clicks": f"SELECT page, count(*) n, avg(cost) m FROM read_csv('{data}/clicks/impressions-*.csv') l JOIN read_csv('{data}/clicks/clicks-*.csv') r"
        " ON l.ad_id = r.ad_id AND r.click_time BETWEEN l.imp_time AND l.imp_time + INTERVAL 60 SECONDS GROUP BY page",
    }[query]
    start = time.perf_counter()
    rows = connection.execute(text).fetchall()
    return time.perf_counter() - start, rows


def chdb_run(query, data):
    import chdb

    text = {
        "words": f"SELECT arrayJoin(splitByChar(' ', line)) w, count() n FROM file('{data}/words/*.txt', 'LineAsString') GROUP BY w",
        "sensors": f"SELECT device, count() n, avg(signal) m FROM file('{data}/sensors/*.csv', 'CSVWithNames', 'ts String, device String, device_type String, signal Float64') GROUP BY device",
        "ads": f"SELECT ad_id, count() n FROM file('{data}/ads/*.ndjson', 'JSONEachRow', 'ad_id String, event_type String') WHERE event_type = 'view' GROUP BY ad_id",
    }[query]
    start = time.perf_counter()
    answer = chdb.query(text + " SETTINGS max_threads = 2", "JSONCompactEachRow")
    seconds = time.perf_counter() - start
    return seconds, [json.loads(line) for line in str(answer).splitlines()]


def polars_run(query, data):
    import polars as pl

    if query == "words":
        frame = pl.scan_csv(f"{data}/words/*.txt", separator="\x01", quote_char=None, has_header=False, new_columns=["line"])
        frame = frame.select(pl.col("line").str.split(" ").alias("w")).explode("w").group_by("w").agg(pl.len().alias("n"))
    elif query == "sensors":
        frame = pl.scan_csv(f"{data}/sensors/*.csv").group_by("device").agg(pl.len().alias("n"), pl.col("signal").mean().alias("m"))
    else:
        schema = {"ad_id": pl.String, "event_type": pl.String}
        frame = pl.scan_ndjson(f"{data}/ads/*.ndjson", schema=schema).filter(pl.col("event_type") == "view")
        frame = frame.group_by("ad_id").agg(pl.len().alias("n"))
    start = time.perf_counter()
    result = frame.collect(engine="streaming")
    return time.perf_counter() - start, result.rows()


def checksum(rows):
    """Independent of the order of rows: how many, the sum of counts, and a rounded sum of means."""
    rows = [row for row in rows if row[0] != ""]
    means = sum(float(row[2]) for row in rows) if rows and len(rows[0]) > 2 else 0
    return [len(rows), sum(int(row[1]) for row in rows), round(means, 3)]


if __name__ == "__main__":
    program, query, data = sys.argv[1:]
    seconds, rows = {"duckdb": duckdb_run, "chdb": chdb_run, "polars": polars_run}[program](query, data)
    print(json.dumps({"seconds": seconds, "checksum": checksum(rows)}))
