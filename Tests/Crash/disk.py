"""What a loss of power may leave of the files that a traced run has written.

The trace has a line for each step, written before the step was done (STREAM_DISK_TRACE). A file's
bytes are durable once an fsync that began behind their write has ended; a name is durable once its
directory was synchronized. Of the rest anything may be there: some of the names, some of the bytes,
zeros in their place.
"""

import json
import os
import random


class File:
    """What was written to one file: its bytes now, and those that no power failure can take."""

    def __init__(self):
        self.now = bytearray()
        self.durable = b""
        self.at_sync = b""

    def after_loss(self, generator):
        """A prefix of what was not yet durable, or zeros of its length."""
        if generator is None or bytes(self.now) == self.durable:
            return self.durable
        choice = generator.randrange(4)
        if choice == 0:
            return self.durable
        if choice == 1:
            return bytes(self.now)
        kept = self.common()
        rest = self.now[kept:]
        cut = generator.randrange(len(rest) + 1)
        if choice == 2:
            return bytes(self.now[:kept + cut])
        return bytes(self.now[:kept + cut]) + bytes(len(rest) - cut)

    def common(self):
        """Bytes at the beginning that are the same now and on the disk."""
        count = 0
        for left, right in zip(self.now, self.durable):
            if left != right:
                break
            count += 1
        return count


class Disk:
    def __init__(self):
        self.files = {}
        self.names = {}
        self.directories = set()
        # Steps on names that are not durable yet, by directory, in their order.
        self.pending = {}
        self.durable_names = {}
        self.durable_directories = set()
        self.marks = {}

    def step(self, line):
        getattr(self, line["step"].replace("-", "_"))(line)

    def note(self, path, change):
        self.pending.setdefault(os.path.dirname(path), []).append(change)

    def open(self, line):
        path, number = line["path"], line["file"]
        if self.names.get(path) is not None and self.files.get(number) is self.names[path]:
            return
        file = File()
        self.files[number] = file
        self.names[path] = file
        self.note(path, ("set", path, file))

    def write(self, line):
        file, at, data = self.files[line["file"]], line["at"], bytes.fromhex(line["bytes"])
        if len(file.now) < at:
            file.now.extend(bytes(at - len(file.now)))
        file.now[at:at + len(data)] = data

    def truncate(self, line):
        file = self.files[line["file"]]
        del file.now[line["length"]:]

    def sync_begin(self, line):
        if line["file"] in self.files:
            self.files[line["file"]].at_sync = bytes(self.files[line["file"]].now)

    def sync_end(self, line):
        if line["file"] in self.files:
            self.files[line["file"]].durable = self.files[line["file"]].at_sync

    def rename(self, line):
        file = self.names.pop(line["path"], None)
        if file is None:
            return
        self.names[line["to"]] = file
        self.note(line["to"], ("move", line["path"], line["to"], file))

    def link(self, line):
        file = self.names.get(line["path"])
        if file is None or line["to"] in self.names:
            return
        self.names[line["to"]] = file
        self.note(line["to"], ("set", line["to"], file))

    def remove(self, line):
        if self.names.pop(line["path"], None) is not None:
            self.note(line["path"], ("remove", line["path"]))

    def make_directory(self, line):
        path = line["path"]
        if path not in self.directories:
            self.directories.add(path)
            self.note(path, ("directory", path))

    def sync_directory_begin(self, line):
        self.marks[line["path"]] = len(self.pending.get(line["path"], []))

    def sync_directory_end(self, line):
        pending = self.pending.get(line["path"], [])
        count = self.marks.get(line["path"], 0)
        for change in pending[:count]:
            apply(change, self.durable_names, self.durable_directories)
        del pending[:count]

    def after_loss(self, generator):
        """Directories and files as they may be after a loss of power at this moment.

        With no generator: only what is durable.
        """
        names = dict(self.durable_names)
        directories = set(self.durable_directories)
        if generator is not None:
            for changes in self.pending.values():
                # A journal keeps their order, so that a prefix has happened.
                for change in changes[:generator.randrange(len(changes) + 1)]:
                    apply(change, names, directories)
        return directories, {path: file.after_loss(generator) for path, file in names.items()}


def apply(change, names, directories):
    if change[0] == "set":
        names[change[1]] = change[2]
    elif change[0] == "move":
        names.pop(change[1], None)
        names[change[2]] = change[3]
    elif change[0] == "remove":
        names.pop(change[1], None)
    else:
        directories.add(change[1])


def read_trace(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def put_back(directories, files, below):
    """Makes directories and files as they are after the loss."""
    for path in sorted(directories):
        if path.startswith(below):
            os.makedirs(path, exist_ok=True)
    for path, data in files.items():
        # A file in a directory that was lost is lost.
        if path.startswith(below) and os.path.isdir(os.path.dirname(path)):
            with open(path, "wb") as file:
                file.write(data)
