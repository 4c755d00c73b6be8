"""Kills random stages, and programs of stages, of random pipelines, again and again, while their input grows; when the input
has ended and the pipeline has run once more in peace, the result has to hold every row exactly once
(of a socket whose source is killed: every row that was received).

All choices come from a seed, which is printed."""

import argparse
import os
import random
import signal
import subprocess
import threading
import time

from inputs import Files, Followed, Pipe, Tail, Two
from rig import Rig, Failure, descendants, main, programs, stop
from sockets import Peers, Strangers

INPUTS = {
    "file": Files, "follow": Followed, "tail": Tail, "stdin": Pipe, "socket": Peers,
    "broken-socket": Strangers, "two": Two}

ROWS = "stream-map --select \"split(value, ' ')[0] AS id, split(value, ' ')[1] AS k\""
COUNTS = "stream-agg 'count(*) AS n, max(id) AS last' --by k"

OWN = ("stream-state --by k --exec 'python3 -S count.py'"
       " --schema 'k string, n bigint, last string'")

# The same as COUNTS.
PROGRAM = """
import json, sys

for line in sys.stdin:
    call = json.loads(line)
    state = call["state"] or {"n": 0, "last": ""}
    ids = [row["id"] for row in call["rows"]]
    state = {"n": state["n"] + len(ids), "last": max(ids + [state["last"]])}
    print(json.dumps({"state": state, "rows": [call["key"] | state]}))
"""

MIDDLES = {
    "rows": (ROWS, False),
    "counts": (f"{ROWS} | {COUNTS}", True),
    "own": (f"{ROWS} | {OWN}", True),
    "complete": (f"{ROWS} | {COUNTS} --mode complete", True),
}

QUERY = "sqlite3 -batch -noheader -csv out.db"


class Sink:
    """Where rows go, and how they are read there: lines of CSV without a header."""

    def __init__(self, command, rows, counts):
        self.command = command
        self.rows = rows
        self.counts = counts


LAST = "awk -F, '{ r[$1] = $0 } END { for (k in r) print r[k] }'"
GOT = "cat $(ls got/* 2> /dev/null | sort) /dev/null"

SINKS = {
    "parts": Sink(
        "stream-sink file out/ --format csv --no-header",
        "cat $(ls out/* 2> /dev/null | sort) /dev/null", f"cat $(ls out/* 2> /dev/null | sort) /dev/null | {LAST}"),
    "file": Sink(
        "stream-sink file out.csv --no-header", "cat out.csv", f"cat out.csv | {LAST}"),
    "sqlite": Sink(
        "stream-sink sqlite out.db --table t",
        f"{QUERY} 'SELECT * FROM t'", f"{QUERY} 'SELECT * FROM t'"),
    "exec": Sink(
        "mkdir -p got; stream-sink exec 'cat > got/.new && mv got/.new got/$(printf %09d $STREAM_EPOCH)'"
        " --format csv --no-header",
        GOT, f"{GOT} | {LAST}"),
}


def found(rig, sink, counts):
    try:
        text = rig.output(sink.counts if counts else sink.rows)
    except Failure:
        return []
    return sorted(text.replace('"', "").split("\n")[:-1])


class Trial:
    """One pipeline with its input, killed a number of times."""

    def __init__(self, seed, wanted):
        self.generator = random.Random(seed)
        self.input_name = self.generator.choice(sorted(wanted["input"]))
        self.sink_name = self.generator.choice(sorted(wanted["sink"]))
        # The whole result needs a target that replaces it, rows without a key one that keeps all.
        odd = "own" if self.sink_name == "sqlite" else "complete"
        middles = [m for m in MIDDLES if m != odd]
        if not INPUTS[self.input_name].is_exact:
            middles = ["rows"]
        self.middle_name = self.generator.choice(middles)
        self.kills = 0

    @property
    def name(self):
        return f"{self.input_name} | {self.middle_name} | {self.sink_name}"

    def run(self, deadline):
        with Rig() as rig:
            source = INPUTS[self.input_name](rig, random.Random(self.generator.random()))
            try:
                self.play(rig, source, deadline)
            finally:
                source.close()

    def play(self, rig, source, deadline):
        middle, counts = MIDDLES[self.middle_name]
        sink = SINKS[self.sink_name]
        rig.write("count.py", PROGRAM)
        setup, _, last = sink.command.rpartition("; ")
        command = f"{setup + '; ' if setup else ''}{source.command} | {middle} | {last}"
        feeder = Feeder(source)
        feeder.start()
        try:
            for _ in range(self.generator.randrange(4, 12)):
                if time.monotonic() > deadline:
                    break
                self.kill_once(rig, source, command)
                source.note(found(rig, sink, counts))
        finally:
            feeder.stop()
        source.finish_thread = threading.Thread(target=source.finish)
        source.finish_thread.start()
        self.drain(rig, source, command, sink, counts)

    def kill_once(self, rig, source, command):
        process = rig.start(command)
        time.sleep(self.generator.uniform(0.02, 0.6))
        # On a busy machine the shell may not have come so far.
        for _ in range(200):
            stages = everyone = descendants(process)
            if not source.source_survives:
                stages = [s for s in everyone if s[1] != "stream-source"]
            if stages or process.poll() is not None:
                break
            time.sleep(0.05)
        stages = stages + programs(everyone)
        victims = self.generator.sample(stages, min(len(stages), self.generator.choice([1, 1, 2, 4])))
        with source.killing(everyone):
            for pid, _ in victims:
                try:
                    os.kill(pid, signal.SIGKILL)
                    self.kills += 1
                except ProcessLookupError:
                    pass
            try:
                rig.wait(process, 30)
            except subprocess.TimeoutExpired:
                stop(process)
                raise Failure(f"{self.name}: hangs when {[t for _, t in victims]} were killed\n{rig.errors()}")

    def drain(self, rig, source, command, sink, counts):
        process = rig.start(command)
        start = time.monotonic()
        while True:
            if not source.finish_thread.is_alive() and source.is_there(found(rig, sink, counts), counts):
                break
            if process.poll() is not None and (not source.ends or process.returncode != 0):
                raise Failure(f"{self.name}: ends with {process.returncode}\n{rig.errors()}")
            if process.poll() is not None and source.ends:
                break
            if time.monotonic() - start > 40:
                break
            time.sleep(0.05)
        # Not before it has learnt what the signal means.
        while process.poll() is None and time.monotonic() < start + 1:
            time.sleep(0.05)
        for pid, tool in descendants(process):
            if tool == "stream-source":
                os.kill(pid, signal.SIGTERM)
        try:
            status = rig.wait(process, 30)
        except subprocess.TimeoutExpired:
            stop(process)
            raise Failure(f"{self.name}: does not stop\n{rig.errors()}")
        if status != 0:
            raise Failure(f"{self.name}: ends with {status}\n{rig.errors()}")
        source.finish_thread.join()
        try:
            source.check(found(rig, sink, counts), counts)
        except Failure as failure:
            raise Failure(f"{self.name}: {failure}\n{rig.errors()}")


class Feeder(threading.Thread):
    def __init__(self, source):
        super().__init__(daemon=True)
        self.source = source
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.is_set():
            self.source.feed(self.source.generator.randrange(1, 40))
            time.sleep(0.01)

    def stop(self):
        self.is_over.set()
        self.join()


def run():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--input", choices=sorted(INPUTS), action="append")
    parser.add_argument("--sink", choices=sorted(SINKS), action="append")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 30)
    print(f"seed {seed}", flush=True)
    wanted = {"input": options.input or list(INPUTS), "sink": options.sink or list(SINKS)}
    deadline = time.monotonic() + options.seconds
    trials = kills = 0
    while time.monotonic() < deadline:
        trial = Trial(seed + trials, wanted)
        try:
            trial.run(deadline)
        except Failure as failure:
            raise Failure(f"seed {seed + trials}: {failure}")
        trials, kills = trials + 1, kills + trial.kills
    return f"{kills} stages killed in {trials} pipelines, every row exactly once"


if __name__ == "__main__":
    main(run)
