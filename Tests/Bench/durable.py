#!/usr/bin/env python3
"""What a checkpoint costs: throughput against the same pipeline without one, the delay of small epochs,
and the time to the first new row after a restart with much state.

  durable.py --data DIR [--runs N] [--seconds N] [throughput|delay|steady|windows|recovery…]
"""
import argparse
import datetime
import os
import shutil
import signal
import subprocess
import tempfile
import time

from bench import run

TITLES = {"words": "word count", "sensors": "count and avg for 10 k keys"}
PIPELINES = {
    "words": "stream-source file {data}/words --format text {options}"
    " | stream-map --explode \"split(value, ' ') AS word\" --select word"
    " | stream-agg 'count(*) AS n' --by word --mode update | stream-sink file out/ --format csv",
    "sensors": "stream-source file {data}/sensors --format csv --columns device,signal {options}"
    " | stream-agg 'count(*) AS n, avg(signal) AS mean' --by device --mode update"
    " | stream-sink file out/ --format csv",
}


def throughput(data, runs):
    print("\nthroughput with a checkpoint, epochs of a second (update mode; 1.00: as fast as without)")
    for name, template in PIPELINES.items():
        walls = {"": [], "--checkpoint ck": []}
        for _ in range(runs):
            for options in walls:
                with tempfile.TemporaryDirectory() as directory:
                    command = template.format(data=data, options=f"--trigger 1s {options}")
                    walls[options].append(run(f"cd {directory}; mkdir out; {command}")["wall"])
        plain, durable = (min(w) for w in walls.values())
        print(f"  {TITLES[name]:30}{plain:7.2f} s without {durable:7.2f} s with   {plain / durable:.2f}", flush=True)


class Running:
    """A pipeline with a log as its input and parts as its output."""

    COMMAND = ("stream-source tail live.log --checkpoint ck | stream-map --select \"split(value, ' ')[0] AS k\""
               " | stream-agg 'count(*) AS n' --by k | stream-sink file out/ --format csv --no-header")

    def __init__(self, command=COMMAND):
        self.directory = tempfile.mkdtemp(prefix="stream-bench-")
        self.command = command
        self.log = open(os.path.join(self.directory, "live.log"), "ab", buffering=0)
        self.out = os.path.join(self.directory, "out")

    def start(self):
        self.process = subprocess.Popen(["bash", "-c", self.command], cwd=self.directory, start_new_session=True)

    def parts(self):
        try:
            return sum(1 for name in os.listdir(self.out) if not name.startswith("."))
        except FileNotFoundError:
            return 0

    def wait_for_part(self, count, seconds=30):
        deadline = time.perf_counter() + seconds
        while self.parts() < count:
            if time.perf_counter() > deadline:
                raise SystemExit(f"bench: no row came within {seconds} s")
            time.sleep(0.0002)

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.directory)


def delay(_, runs):
    """From the append of ten lines to the visible part, one epoch at a time."""
    running = Running()
    running.start()
    delays = []
    try:
        for turn in range(60 + 20 * runs):
            before = running.parts()
            start = time.perf_counter()
            running.log.write(b"".join(b"k%d line\n" % (i % 5) for i in range(10)))
            running.wait_for_part(before + 1)
            delays.append((time.perf_counter() - start) * 1000)
            time.sleep(0.02)
    finally:
        running.close()
    delays = sorted(delays[20:])
    print(f"\nan epoch of ten rows through source, map, agg and sink, durable: p50 {delays[len(delays) // 2]:.2f} ms, "
          f"p99 {delays[len(delays) * 99 // 100]:.2f} ms", flush=True)


def steady(_, runs, seconds):
    """A thousand single lines a second: does the delay grow?"""
    running = Running("stream-source tail live.log --checkpoint ck | stream-map --where \"value <> ''\""
                      " | stream-sink file out.txt --format text")
    running.start()
    path = os.path.join(running.directory, "out.txt")
    try:
        deadline = time.perf_counter() + 10
        while not os.path.exists(path) and time.perf_counter() < deadline:
            running.log.write(b"0.0\n")
            time.sleep(0.1)
        out, rest, samples = open(path, "rb", buffering=0), b"", []
        start = time.perf_counter()
        sent = 0
        while (now := time.perf_counter()) < start + seconds:
            due = int((now - start) * 1000)
            while sent < due:
                running.log.write(b"%.6f\n" % time.perf_counter())
                sent += 1
            chunk = out.read(1 << 20)
            now = time.perf_counter()
            *lines, rest = (rest + chunk).split(b"\n")
            samples += [(now - start, (now - float(line)) * 1000) for line in lines if float(line) > 0]
            time.sleep(0.0005)
    finally:
        running.close()
    def median(part):
        values = sorted(d for _, d in part)
        return values[len(values) // 2] if values else float("nan")
    third = seconds / 3
    first, last = [s for s in samples if s[0] < third], [s for s in samples if s[0] >= 2 * third]
    print(f"1000 single lines a second for {seconds:.0f} s: median delay {median(first):.2f} ms in the first third, "
          f"{median(last):.2f} ms in the last", flush=True)


def windows(_, runs, seconds):
    """The last count of each second, behind the second's end: all rows of a window are in it by then."""
    pipeline = ("stream-source tail live.log --format json --schema 'ts timestamp, k string' --checkpoint ck"
                " | stream-window --time ts --watermark 1s --size 1s | stream-agg 'count(*) AS n' --by k --mode update"
                " | stream-sink stdout --format csv --no-header")
    with tempfile.TemporaryDirectory() as directory:
        log = open(os.path.join(directory, "live.log"), "ab", buffering=0)
        process = subprocess.Popen(["bash", "-c", pipeline], cwd=directory, stdout=subprocess.PIPE, start_new_session=True)
        child = os.fork()
        if child == 0:
            # Ten rows a millisecond, of which each carries the time of its writing.
            start, period = time.perf_counter(), 0.001
            for turn in range(int(seconds / period)):
                while time.perf_counter() < start + turn * period:
                    time.sleep(0.0002)
                now = time.time()
                stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}Z"
                log.write(b"".join(b'{"ts":"%s","k":"k%d"}\n' % (stamp.encode(), row) for row in range(10)))
            time.sleep(1)
            os.killpg(process.pid, signal.SIGTERM)
            os._exit(0)
        last, rest = {}, b""
        while chunk := os.read(process.stdout.fileno(), 65536):
            now = time.time()
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                last[line.split(b",")[1]] = now
        os.waitpid(child, 0)
        process.wait()
    ends = sorted(last)[1:-1]
    delays = sorted((last[end] - datetime.datetime.fromisoformat(end.decode().replace("Z", "+00:00")).timestamp()) * 1000
                    for end in ends)
    print(f"\nlast count of a 1-second window behind its end, update mode, 10 k rows/s, checkpoint: {len(delays)} windows, "
          f"p50 {delays[len(delays) // 2]:.1f} ms, p99 {delays[len(delays) * 99 // 100]:.1f} ms", flush=True)


def recovery(_, runs):
    """A million keys of state: from the start of the command line to the first new row."""
    running = Running()
    for block in range(100):
        running.log.write(b"".join(b"key%07d line\n" % i for i in range(block * 10_000, (block + 1) * 10_000)))
    running.start()
    rows = 0
    deadline = time.perf_counter() + 120
    try:
        while rows < 1_000_000 and time.perf_counter() < deadline:
            time.sleep(0.2)
            rows = sum(
                open(os.path.join(running.out, name), "rb").read().count(b"\n")
                for name in (os.listdir(running.out) if os.path.isdir(running.out) else []) if not name.startswith("."))
        times = []
        for _ in range(runs):
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()
            before = running.parts()
            running.log.write(b"new line\n")
            start = time.perf_counter()
            running.start()
            running.wait_for_part(before + 1)
            times.append(time.perf_counter() - start)
    finally:
        running.close()
    print(f"restart with 1 M keys of state: {min(times):.2f} s to the first new row", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="/tmp/stream-bench")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    for name in options.names or ["throughput", "delay", "steady", "windows", "recovery"]:
        if name in ("steady", "windows"):
            globals()[name](options.data, options.runs, options.seconds)
        else:
            globals()[name](options.data, options.runs)


if __name__ == "__main__":
    main()
