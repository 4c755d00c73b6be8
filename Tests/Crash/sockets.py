"""Rows that several peers send through sockets at once, over connections that come and go."""

import contextlib
import fcntl
import os
import signal
import socket
import struct
import termios
import threading
import time

from inputs import Input, difference
from rig import Failure


class Connection:
    """A connection to the source, and the lines that are to go through it, in order."""

    def __init__(self, address):
        self.lines = []
        # Not yet taken by the system.
        self.text = b""
        self.was_accepted = False
        self.socket = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX)
        try:
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        self.socket.setblocking(False)

    def give(self, lines):
        self.lines += lines
        self.text += "".join(line + "\n" for line in lines).encode()

    def send(self, size=None):
        """Sends what the system takes; raises an error if nobody is at the other end."""
        with contextlib.suppress(BlockingIOError):
            if self.text:
                self.text = self.text[self.socket.send(self.text[:size]):]
            elif self.socket.recv(1) == b"":
                raise ConnectionError

    @property
    def sent_count(self):
        """Of lines whose ends the system has taken."""
        return len(self.lines) - self.text.count(b"\n")

    def is_accepted(self):
        """Whether the source has read from it, so that it knows of the connection; of a socket in the
        file system alone."""
        if not self.was_accepted:
            unread = struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, b"\0" * 4))[0]
            # What is closed has nothing unread either: so this comes behind.
            with contextlib.suppress(BlockingIOError):
                if self.socket.recv(1) == b"":
                    raise ConnectionError
            self.was_accepted = unread == 0
        return self.was_accepted


class Peers(Input):
    """Peers that know what was received, for only the stages behind the source are killed: it then
    takes what its connections hold. A line that was not sent whole goes through another connection."""

    command = "stream-source socket --listen unix:in.sock --checkpoint ck"
    source_survives = False

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.address = self.rig.path("in.sock")
        self.lock = threading.Lock()
        self.waiting = []
        self.connections = []

    def feed(self, count):
        with self.lock:
            self.hand_over(count)

    def hand_over(self, count):
        self.waiting += self.make(count).split("\n")[:-1]
        self.connections = [c for c in self.connections if self.goes_on(c)]
        if self.waiting and (not self.connections or len(self.connections) < 4 and self.generator.random() < 0.1):
            self.connect()
        ready = [c for c in self.connections if c.was_accepted]
        if ready:
            chosen = self.generator.choice(ready)
            chosen.give(self.waiting)
            self.waiting = []
            if not self.goes_on(chosen):
                self.connections.remove(chosen)

    def connect(self):
        with contextlib.suppress(OSError):
            self.connections.append(Connection(self.address))
            self.introduce(self.connections[-1])

    def introduce(self, connection):
        """Sends a piece of a line first: once it is read, the source has the connection."""
        connection.give([self.waiting.pop(0)])
        connection.send(self.generator.randrange(1, len(connection.text)))

    def goes_on(self, connection):
        """Sends what it has; sometimes its peer closes it then, be it within a line."""
        try:
            if connection.is_accepted():
                connection.send()
            if self.generator.random() > 0.02:
                return True
        except OSError:
            pass
        self.drop(connection)
        return False

    def drop(self, connection):
        self.waiting = connection.lines[connection.sent_count:] + self.waiting
        connection.socket.close()

    def drop_all(self):
        while self.connections:
            self.drop(self.connections.pop())

    @contextlib.contextmanager
    def killing(self, stages):
        """Nothing is sent any more: nobody would know whether the source still takes it."""
        with self.lock:
            if self.generator.random() < 0.5:
                # More than it has read is in the connections.
                for pid in [pid for pid, tool in stages if tool == "stream-source"]:
                    os.kill(pid, signal.SIGSTOP)
                    threading.Timer(0.05, os.kill, (pid, signal.SIGCONT)).start()
                self.hand_over(200)
            yield
            self.drop_all()

    def finish(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with self.lock:
                self.hand_over(0)
                if not self.waiting and not any(c.text for c in self.connections):
                    break
            time.sleep(0.001)

    def close(self):
        for connection in self.connections:
            connection.socket.close()


class Strangers(Peers):
    """Peers whose source is killed as well: what it had not written down is lost. So the first lines of
    each connection come, none twice, and those for good that the log held when the source was dead."""

    source_survives = True
    is_exact = False

    def __init__(self, *arguments):
        super().__init__(*arguments)
        if self.generator.random() < 0.5:
            self.address = ("127.0.0.1", free_port(self.generator))
            self.command = f"stream-source socket --listen {self.address[1]} --checkpoint ck"
        self.former = []
        self.received = set()
        self.last = []

    def introduce(self, connection):
        connection.was_accepted = True

    def drop(self, connection):
        self.former.append(connection)
        connection.socket.close()

    @contextlib.contextmanager
    def killing(self, stages):
        yield
        with self.lock:
            self.drop_all()

    def note(self, have):
        self.received.update(have, self.logged())

    def logged(self):
        """The rows in the log: Arrow streams, of which those of a killed source lack the end."""
        directory = self.rig.path("ck/stages/main.source/wal")
        for name in os.listdir(directory) if os.path.isdir(directory) else []:
            with contextlib.suppress(Failure):
                # What is not whole is no row yet.
                yield from self.rig.output(
                    f"(cat {directory}/{name}; printf '\\377\\377\\377\\377\\0\\0\\0\\0')"
                    " | stream-source --format arrow | stream-sink stdout --format text"
                ).replace(" ", ",").split("\n")[:-1]

    def finish(self):
        deadline = time.monotonic() + 30
        with self.lock:
            self.drop_all()
            self.waiting = []
            while not self.connections and time.monotonic() < deadline:
                time.sleep(0.001)
                self.connect()
            self.last = self.make(50).split("\n")[:-1]
            for connection in self.connections:
                connection.give(self.last)
                while connection.text and time.monotonic() < deadline:
                    connection.send()

    def is_there(self, have, counts):
        return {row(line) for line in self.last} <= set(have)

    def check(self, have, counts):
        rows = set(have)
        if len(rows) != len(have):
            raise Failure(f"{difference(have, rows)[:3]}… came twice")
        lost = self.received.union(map(row, self.last)) - rows
        if lost:
            raise Failure(f"{len(lost)} rows were received and are missing ({sorted(lost)[:3]}…)")
        for connection in self.former + self.connections:
            lines = [line for line in connection.lines if row(line) in rows]
            if lines != connection.lines[:len(lines)] or len(lines) > connection.sent_count:
                gap = next(a for a, b in zip(connection.lines, lines + [None]) if a != b)
                raise Failure(f"of a connection {gap} is missing, but not {lines[-1]}")
            rows.difference_update(map(row, lines))
        if rows:
            raise Failure(f"{sorted(rows)[:3]}… were never sent")


def row(line):
    return line.replace(" ", ",")


def free_port(generator):
    """Below those that the system gives to others."""
    for port in generator.sample(range(20000, 30000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise Failure("no port is free")
