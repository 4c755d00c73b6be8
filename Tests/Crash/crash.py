"""Kills random stages of random pipelines, again and again, while their input grows; when the input
has ended and the pipeline has run once more in peace, the result has to hold every row exactly once.

All choices come from a seed, which is printed."""

import argparse
import os
import random
import signal
import subprocess
import threading
import time

from rig import Rig, Failure, descendants, expect, main, stop

WORDS = ["ash", "birch", "cedar", "elm", "fir", "oak", "pine", "yew"]


class Input:
    """Lines that come bit by bit, while the pipeline runs."""

    # Whether the source itself may be killed without losing what was on its way to it.
    source_survives = True
    # Whether a run ends by itself when it has read what is there.
    ends = False

    def __init__(self, rig, generator):
        self.rig = rig
        self.generator = generator
        self.lines = []

    def make(self, count):
        lines = [f"{len(self.lines) + i:07d} {self.generator.choice(WORDS)}" for i in range(count)]
        self.lines += lines
        return "".join(line + "\n" for line in lines)

    def finish(self):
        pass

    def close(self):
        pass


class Files(Input):
    """Files that are moved into a directory."""

    command = "stream-source file in/ --format text --checkpoint ck --trigger available-now --max-rows 150"
    ends = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        os.mkdir(self.rig.path("in"))
        self.count = 0
        self.feed(3)

    def feed(self, count):
        self.count += 1
        self.rig.write("new", self.make(count))
        os.rename(self.rig.path("new"), self.rig.path(f"in/{self.count:05d}.txt"))


class Followed(Files):
    """The same, read by a source that waits for more."""

    command = "stream-source file in/ --format text --checkpoint ck --follow"
    ends = False


class Tail(Input):
    """A log that grows and is rotated."""

    command = "stream-source tail live.log --checkpoint ck"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.file = open(self.rig.path("live.log"), "a")
        self.rotations = 0

    def feed(self, count):
        text = self.make(count)
        # Sometimes a line comes in two halves.
        half = self.generator.randrange(len(text)) if self.generator.random() < 0.3 else 0
        for part in (text[:half], text[half:]):
            self.file.write(part)
            self.file.flush()
        if self.generator.random() < 0.05 and self.is_known():
            self.rotate()

    def is_known(self):
        """Whether the source has begun to follow the log: what was rotated away before is not its own."""
        try:
            return os.path.getsize(self.rig.path("ck/stages/main.source/intents.log")) > 0
        except FileNotFoundError:
            return False

    def rotate(self):
        self.rotations += 1
        self.file.close()
        os.rename(self.rig.path("live.log"), self.rig.path(f"live.log.{self.rotations}"))
        if self.generator.random() < 0.3:
            time.sleep(0.05)
        self.file = open(self.rig.path("live.log"), "a")

    def close(self):
        self.file.close()


class Pipe(Input):
    """Standard input: what is in the pipe stays there while no source runs."""

    command = "stream-source --checkpoint ck < fifo"
    source_survives = False

    def __init__(self, *arguments):
        super().__init__(*arguments)
        os.mkfifo(self.rig.path("fifo"))
        self.descriptor = os.open(self.rig.path("fifo"), os.O_RDWR | os.O_NONBLOCK)
        self.waiting = b""

    def feed(self, count):
        self.waiting += self.make(count).encode()
        self.push()

    def push(self):
        try:
            self.waiting = self.waiting[os.write(self.descriptor, self.waiting):]
        except BlockingIOError:
            pass

    def finish(self):
        deadline = time.monotonic() + 30
        while self.waiting and time.monotonic() < deadline:
            self.push()
            time.sleep(0.001)

    def close(self):
        os.close(self.descriptor)


INPUTS = {"file": Files, "follow": Followed, "tail": Tail, "stdin": Pipe}

ROWS = "stream-map --select \"split(value, ' ')[0] AS id, split(value, ' ')[1] AS k\""
COUNTS = "stream-agg 'count(*) AS n, max(id) AS last' --by k"

MIDDLES = {
    "rows": (ROWS, False),
    "counts": (f"{ROWS} | {COUNTS}", True),
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


def expected(lines, counts):
    rows = [line.split(" ") for line in lines]
    if not counts:
        return sorted(f"{i},{k}" for i, k in rows)
    result = {}
    for i, k in rows:
        result[k] = (result.get(k, (0, ""))[0] + 1, max(i, result.get(k, (0, ""))[1]))
    return sorted(f"{k},{n},{last}" for k, (n, last) in result.items())


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
        middles = [m for m in MIDDLES if m != "complete" or self.sink_name in ("sqlite",)]
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
        setup, _, last = sink.command.rpartition("; ")
        command = f"{setup + '; ' if setup else ''}{source.command} | {middle} | {last}"
        feeder = Feeder(source)
        feeder.start()
        try:
            for _ in range(self.generator.randrange(4, 12)):
                if time.monotonic() > deadline:
                    break
                self.kill_once(rig, source, command)
        finally:
            feeder.stop()
        source.finish_thread = threading.Thread(target=source.finish)
        source.finish_thread.start()
        self.drain(rig, source, command, sink, counts)

    def kill_once(self, rig, source, command):
        process = rig.start(command)
        time.sleep(self.generator.uniform(0.02, 0.6))
        stages = descendants(process)
        if not source.source_survives:
            stages = [s for s in stages if s[1] != "stream-source"]
        victims = self.generator.sample(stages, min(len(stages), self.generator.choice([1, 1, 2, 4])))
        for pid, _ in victims:
            try:
                os.kill(pid, signal.SIGKILL)
                self.kills += 1
            except ProcessLookupError:
                pass
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            stop(process)
            raise Failure(f"{self.name}: hangs when {[t for _, t in victims]} were killed\n{rig.errors()}")

    def drain(self, rig, source, command, sink, counts):
        process = rig.start(command)
        start = time.monotonic()
        while True:
            want, have = expected(source.lines, counts), found(rig, sink, counts)
            if want == have and not source.finish_thread.is_alive():
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
            status = process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            stop(process)
            raise Failure(f"{self.name}: does not stop\n{rig.errors()}")
        if status != 0:
            raise Failure(f"{self.name}: ends with {status}\n{rig.errors()}")
        source.finish_thread.join()
        expect_rows(found(rig, sink, counts), expected(source.lines, counts), self.name, rig)


def expect_rows(have, want, name, rig):
    if have == want:
        return
    missing, extra = difference(want, have), difference(have, want)
    raise Failure(
        f"{name}: {len(missing)} rows are missing ({missing[:3]}…), {len(extra)} too many "
        f"({extra[:3]}…)\n{rig.errors()}")


def difference(left, right):
    left, rest = list(left), {}
    for row in right:
        rest[row] = rest.get(row, 0) + 1
    result = []
    for row in left:
        if rest.get(row, 0) > 0:
            rest[row] -= 1
        else:
            result.append(row)
    return result


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
