"""Real pipelines in directories of their own, to be killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time


# The tools as `make build` leaves them, unless a directory is named.
TOOLS = os.environ.get("STREAM_TOOLS") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", ".build", "bin")
os.environ["PATH"] = os.path.abspath(TOOLS) + os.pathsep + os.environ["PATH"]


class Failure(Exception):
    """A result that is not what it has to be."""


class Rig:
    """A temporary directory, in which one pipeline is run over and over."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="stream-crash-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text, mode="w"):
        with open(self.path(name), mode) as file:
            file.write(text)

    def start(self, command, **environment):
        """Starts a shell pipeline in a process group of its own."""
        log = open(self.path("stderr"), "ab")
        process = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", command], cwd=self.directory, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "STREAM_THREADS": "1", **environment})
        log.close()
        return process

    def run(self, command, seconds=60, **environment):
        """Runs a pipeline to its end; returns the status that the shell gives."""
        process = self.start(command, **environment)
        try:
            return self.wait(process, seconds)
        except subprocess.TimeoutExpired:
            stop(process)
            raise Failure(f"hangs: {command}\n{self.errors()}")

    def wait(self, process, seconds):
        """Waits until a pipeline has ended: the shell, and the stages for which it does not wait."""
        end = time.monotonic() + seconds
        status = process.wait(timeout=seconds)
        while descendants(process):
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(process.args, seconds)
            time.sleep(0.005)
        return status

    def errors(self):
        try:
            with open(self.path("stderr"), errors="replace") as file:
                return file.read()[-2000:]
        except FileNotFoundError:
            return ""

    def output(self, command):
        """What a command prints."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], cwd=self.directory, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Failure(f"{command}: status {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout


def stop(process):
    """Kills all that a pipeline has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def descendants(process):
    """The stages of a running pipeline: (pid, tool).

    A child of a sink looks like the sink, until it has become the program of `exec`. A child of another
    stage may be the source of one of its inputs.
    """
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                state, parent, _, session = file.read().rpartition(")")[2].split()[:4]
            if int(session) != process.pid or state in "ZX":
                continue
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        tool = os.path.basename(words[0]).decode(errors="replace")
        if tool.startswith("stream-"):
            found.append((int(name), int(parent), tool))
    stages = {pid for pid, _, _ in found}
    return [(pid, tool) for pid, parent, tool in found if tool != "stream-sink" or parent not in stages]


def programs(stages):
    """The programs that stages have started and talk with: (negative process group, what it is)."""
    states = {pid for pid, tool in stages if tool == "stream-state"}
    found = []
    for name in os.listdir("/proc") if states else []:
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # Not before it is the leader of a group of its own.
        if int(fields[1]) in states and int(fields[2]) == int(name):
            found.append((-int(name), "a program of stream-state"))
    return found


def expect(actual, expected, what):
    if actual != expected:
        raise Failure(f"{what}\n--- expected\n{clip(expected)}\n--- found\n{clip(actual)}")


def clip(text, size=1500):
    return text if len(text) <= size else f"{text[:size]}\n… ({len(text)} characters)"


def main(run):
    """Runs a test program: status 1 and the reason when it fails."""
    start = time.monotonic()
    try:
        summary = run()
    except Failure as failure:
        print(f"FAILED: {failure}")
        sys.exit(1)
    print(f"{summary}, {time.monotonic() - start:.0f} s")
