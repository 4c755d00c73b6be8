"""After each epoch the result has to be that of a batch job over the rows up to there: SQLite computes
it, for random rows that are cut into epochs at random, while stages are killed and started again.

All choices but the moments of the kills come from a seed."""

import argparse
import itertools
import json
import os
import random
import signal
import sqlite3
import time

from rig import Rig, Failure, descendants, expect, main

COLUMNS = {"k": "string", "g": "bigint", "s": "string", "i": "bigint", "d": "double"}
TEXTS = [None, None, "", "a", "ash", "Elm", "é", "🌲", "two words", 'a "quoted", one', "null", "0"]
AGGREGATES = [
    "count(*)", "count(s)", "count(i)", "sum(i)", "sum(d)", "min(s)", "max(s)", "min(i)", "max(i)",
    "min(d)", "max(d)", "avg(i)", "avg(d)", "count(DISTINCT s)", "count(DISTINCT i)"]
KEYS = [[], ["k"], ["g"], ["k", "g"], ["s", "d"]]
WHERE = ["1 = 1", "i > 0", "i IS NULL OR i % 3 = 0", "s IS NOT NULL", "g = 1"]

# An epoch that is made again has to have the rows that it had.
SAVE = (
    "cat > got/.new && { [ ! -e got/$STREAM_EPOCH ] || cmp -s got/.new got/$STREAM_EPOCH"
    " || cp got/.new got/differs-$STREAM_EPOCH; } && mv got/.new got/$STREAM_EPOCH")


def csv(row):
    return ",".join("" if v is None else '"' + str(v).replace('"', '""') + '"' for v in row) + "\n"


class Trial:
    """A query over random files, and the same as SQL."""

    def __init__(self, seed):
        self.generator = generator = random.Random(seed)
        self.files = [self.rows(generator.randrange(120)) for _ in range(generator.randrange(1, 7))]
        self.row_count = sum(map(len, self.files))
        self.keys = generator.choice(KEYS)
        self.aggregates = generator.sample(AGGREGATES, generator.randrange(1, 7))
        self.where = generator.choice(WHERE)
        self.is_complete = generator.random() < 0.5
        # Of two, each has every other file, and each epoch the rows of one of them.
        self.inputs = ["a/", "b/"] if len(self.files) > 1 and generator.random() < 0.4 else ["in/"]
        self.runs = generator.choice([0, 1, 2, 3])
        self.kills = 0

    def rows(self, count):
        pick = self.generator.choice
        # Sums and quotients of eighths, and of small integers, are exact.
        return [(pick(TEXTS), pick([None, 0, 1, 2]), pick(TEXTS),
                 pick([None, pick(range(-9, 9)), pick(range(-1 << 40, 1 << 40))]),
                 pick([None, pick(range(-800, 800)) / 8])) for _ in range(count)]

    @property
    def command(self):
        # The log of commits keeps the last hundred.
        few = self.row_count // 80 + 1
        bounds = self.generator.choice([
            ["--max-files 1"], *3 * [[f"--max-rows {self.generator.randrange(few, few + 12)}"]],
            ["--max-files 2", f"--max-rows {self.generator.randrange(few, few + 60)}"]])
        schema = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        aggregates = ", ".join(f"{text} AS a{n}" for n, text in enumerate(self.aggregates))
        first, *second = (
            f"stream-source file {path} --schema '{schema}' --checkpoint ck --trigger available-now "
            f"--name {path[:-1]} " + " ".join(bounds) for path in self.inputs)
        return (
            first + "".join(f" | stream-union <(exec {other})" for other in second)
            + f" | stream-map --where '{self.where}' | stream-agg '{aggregates}'"
            + (f" --by '{', '.join(self.keys)}'" if self.keys else "")
            + f" --mode {'complete' if self.is_complete else 'update'}"
            + f" | stream-sink exec '{SAVE}' --format json")

    def query(self, database, rows):
        """The result of a batch job over some of the rows, in the order of the groups' first rows."""
        grouping = f"GROUP BY {', '.join(self.keys)}" if self.keys else ""
        return [list(row) for row in database.execute(
            f"SELECT {', '.join(self.keys + self.aggregates)} FROM t"
            f" WHERE (n > ? AND n <= ?) AND ({self.where}) {grouping} ORDER BY min(n)", rows)]

    def run(self):
        """Returns how many epochs there were."""
        with Rig() as rig:
            self.prepare(rig)
            command = self.command
            for _ in range(self.runs):
                self.kill_once(rig, command)
            for _ in range(3):
                # A stage of the killed run may still hold a lock for a moment.
                if (status := rig.run(command)) != 75:
                    break
            if status != 0:
                raise Failure(f"status {status}: {command}\n{rig.errors()}")
            try:
                return self.check(rig)
            except Failure as failure:
                raise Failure(f"{command}\n{failure}")

    def prepare(self, rig):
        for name in ("got", *self.inputs):
            os.mkdir(rig.path(name))
        for number, rows in enumerate(self.files):
            path = f"{self.inputs[number % len(self.inputs)]}{number}.csv"
            rig.write(path, ",".join(COLUMNS) + "\n" + "".join(map(csv, rows)))
            os.utime(rig.path(path), (number, number))

    def in_order(self, epochs):
        """The rows in the order in which the epochs have them."""
        count = len(self.inputs)
        left = {path: iter(sum(self.files[i::count], [])) for i, path in enumerate(self.inputs)}
        for epoch in epochs:
            for source in epoch["sources"]:
                path = next(p for p in self.inputs if f"file {p} " in source["description"])
                yield from itertools.islice(left[path], source["numInputRows"])

    def kill_once(self, rig, command):
        process = rig.start(command)
        time.sleep(self.generator.uniform(0.01, 0.25))
        stages = [pid for pid, _ in descendants(process)]
        for pid in self.generator.sample(stages, min(len(stages), self.generator.choice([1, 1, 4]))):
            try:
                os.kill(pid, signal.SIGKILL)
                self.kills += 1
            except ProcessLookupError:
                pass
        rig.wait(process, 60)

    def check(self, rig):
        database = sqlite3.connect(":memory:")
        database.execute(f"CREATE TABLE t (n INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
        epochs = [json.loads(line) for line in rig.output(
            "stream-query progress ck --json --last 1000").splitlines()]
        database.executemany("INSERT INTO t VALUES (NULL, ?, ?, ?, ?, ?)", self.in_order(epochs))
        sent, result, end = {int(name) for name in os.listdir(rig.path("got")) if name.isdigit()}, [], 0
        differing = [name for name in os.listdir(rig.path("got")) if name.startswith("differs")]
        expect(differing, [], "epochs that were made again are not what they were")
        for epoch in epochs:
            number, start, end = epoch["batchId"], end, end + epoch["numInputRows"]
            what = f"epoch {number} of {len(epochs)}, rows {start + 1} to {end} of {self.row_count}"
            if number in sent:
                with open(rig.path(f"got/{number}"), encoding="utf-8") as file:
                    rows = [list(json.loads(line).values()) for line in file]
                sent.remove(number)
                result = rows if self.is_complete else self.fold(result, rows)
                if not self.is_complete:
                    changed = [row[:len(self.keys)] for row in self.query(database, (start, end))]
                    expect([row[:len(self.keys)] for row in rows], changed, f"{what}: the groups that changed")
            # A group that is changed keeps its place.
            expect(lines(result), lines(self.query(database, (0, end))), what)
        expect(str(end), str(self.row_count), "the rows of all epochs")
        expect(sorted(sent), [], "epochs that were sent and not committed")
        return len(epochs)

    def fold(self, result, rows):
        groups = {tuple(row[:len(self.keys)]): row for row in result}
        groups.update({tuple(row[:len(self.keys)]): row for row in rows})
        return list(groups.values())


def lines(rows):
    """A row a line: here 1 is not 1.0."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def run():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="queries")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    epochs = kills = 0
    for seed in range(options.seed, options.seed + options.count):
        trial = Trial(seed)
        try:
            epochs += trial.run()
        except Failure as failure:
            raise Failure(f"seed {seed}: {failure}")
        kills += trial.kills
    return f"{kills} stages killed, {epochs} results of {options.count} queries as a batch job has them"


if __name__ == "__main__":
    main(run)
