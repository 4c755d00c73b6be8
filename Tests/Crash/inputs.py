"""Input that grows while a pipeline reads it and is killed."""

import collections
import contextlib
import os
import time

from rig import Failure

WORDS = ["ash", "birch", "cedar", "elm", "fir", "oak", "pine", "yew"]


class Input:
    """Lines that come bit by bit, while the pipeline runs."""

    # Whether the source itself may be killed.
    source_survives = True
    # Whether a run ends by itself when it has read what is there.
    ends = False
    # Whether every line is received then, so that the result is known.
    is_exact = True

    def __init__(self, rig, generator, branch="main"):
        self.rig = rig
        self.generator = generator
        self.branch = branch
        self.lines = []

    def make(self, count):
        lines = [
            f"{self.branch}{len(self.lines) + i:07d} {self.generator.choice(WORDS)}" for i in range(count)]
        self.lines += lines
        return "".join(line + "\n" for line in lines)

    def killing(self, stages):
        """What it does while stages are killed, until the pipeline has ended."""
        return contextlib.nullcontext()

    def note(self, have):
        """Learns what the sink shows after that."""

    def finish(self):
        """Sends what has not been sent yet."""

    def close(self):
        pass

    @property
    def sent(self):
        return self.lines

    def is_there(self, have, counts):
        """Whether the result is what it has to be in the end."""
        return have == expected(self.sent, counts)

    def check(self, have, counts):
        """Raises a failure if it is not."""
        want = expected(self.sent, counts)
        if have != want:
            missing, extra = difference(want, have), difference(have, want)
            raise Failure(
                f"{len(missing)} rows are missing ({missing[:3]}…), {len(extra)} too many ({extra[:3]}…)")


def expected(lines, counts):
    rows = [line.split(" ") for line in lines]
    if not counts:
        return sorted(f"{i},{k}" for i, k in rows)
    result = {}
    for i, k in rows:
        result[k] = (result.get(k, (0, ""))[0] + 1, max(i, result.get(k, (0, ""))[1]))
    return sorted(f"{k},{n},{last}" for k, (n, last) in result.items())


def difference(left, right):
    return sorted((collections.Counter(left) - collections.Counter(right)).elements())


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
            return os.path.getsize(self.rig.path(f"ck/stages/{self.branch}.source/intents.log")) > 0
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


class Two(Input):
    """Inputs of two kinds, whose lines become one stream."""

    KINDS = [(Tail, Followed), (Tail, Files), (Followed, Tail), (Tail, Pipe), (Pipe, Files)]

    def __init__(self, *arguments):
        super().__init__(*arguments)
        kinds = self.generator.choice(self.KINDS)
        self.parts = [kind(*arguments, branch) for kind, branch in zip(kinds, "ab")]
        first, second = (f"{part.command} --name {part.branch}" for part in self.parts)
        self.command = f"{first} | stream-union <(exec {second})"
        self.source_survives = all(part.source_survives for part in self.parts)

    @property
    def sent(self):
        return [line for part in self.parts for line in part.lines]

    def feed(self, count):
        self.generator.choice(self.parts).feed(count)

    def finish(self):
        for part in self.parts:
            part.finish()

    def close(self):
        for part in self.parts:
            part.close()
