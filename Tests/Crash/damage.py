"""Damages a checkpoint: any byte of any file turned, any file cut off or gone. The next run has to
notice it (status 74) or to end with the right result; never with a wrong one, never by a crash."""

import argparse
import os
import random
import shutil

from rig import Rig, Failure, expect, main
from points import crash, passed
from scenarios import SCENARIOS


def files_of(checkpoint):
    for directory, _, names in os.walk(checkpoint):
        for name in names:
            path = os.path.join(directory, name)
            if name != "lock":
                yield path


def damages(path, count, generator):
    """Ways to damage a copy of a file: what is said of them, and how."""
    size = os.path.getsize(path)

    def flip(offset, bit):
        def change(path):
            with open(path, "r+b") as file:
                file.seek(offset)
                byte = file.read(1)[0]
                file.seek(offset)
                file.write(bytes([byte ^ (1 << bit)]))
        return f"bit {bit} of byte {offset} of {size} turned", change

    def cut(length):
        return f"cut to {length} of {size} bytes", lambda path: os.truncate(path, length)

    yield "gone", os.remove
    yield "emptied", lambda path: os.truncate(path, 0)
    for offset in sorted(generator.sample(range(size), min(count, size))):
        yield flip(offset, generator.randrange(8))
    for length in sorted(generator.sample(range(size), min(count // 4 + 1, size))):
        yield cut(length)
    with open(path, "rb") as file:
        data = file.read()
    # Whole lines gone look like an earlier state.
    for line in [i + 1 for i, byte in enumerate(data) if byte == 10][:-1][-3:]:
        yield cut(line)


def damage(scenario, count, seed):
    generator = random.Random(seed)
    detected = harmless = 0
    with Rig() as rig:
        scenario.prepare(rig)
        points = passed(rig, scenario)
        expected = rig.output(scenario.result)
    # Some epochs committed, some not.
    commit, commits = next((n, c) for n, c in points.items() if n.endswith(".sink:commits.log:append"))
    with Rig() as rig:
        scenario.prepare(rig)
        crash(rig, scenario, f"{commit}#{max(1, commits * 2 // 3)}")
        saved = rig.path("saved")
        keep = [n for n in os.listdir(rig.directory) if n not in scenario.files and n != "stderr"]
        os.mkdir(saved)
        for name in keep:
            os.rename(rig.path(name), os.path.join(saved, name))
        relative = sorted(os.path.relpath(p, saved) for p in files_of(os.path.join(saved, "ck")))
        for name in relative:
            for what, change in damages(os.path.join(saved, name), count, generator):
                put_back(rig, saved, keep)
                change(rig.path(name))
                status = rig.run(scenario.command)
                story = f"{scenario.name}: {name}: {what}"
                if status == 74:
                    detected += 1
                elif status in scenario.statuses:
                    expect(rig.output(scenario.result), expected, story)
                    harmless += 1
                else:
                    raise Failure(f"{story}: status {status}\n{rig.errors()}")
    return detected, harmless


def put_back(rig, saved, keep):
    for name in keep:
        path, source = rig.path(name), os.path.join(saved, name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.exists(path):
            os.remove(path)
        if os.path.isdir(source):
            shutil.copytree(source, path)
        else:
            shutil.copy2(source, path)


def run():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), action="append")
    parser.add_argument("--count", type=int, default=40, help="bytes of each file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    detected = harmless = 0
    for name in options.scenario or sorted(SCENARIOS):
        found = damage(SCENARIOS[name], options.count, options.seed)
        detected, harmless = detected + found[0], harmless + found[1]
    return f"{detected} damages detected, {harmless} harmless, none led astray"


if __name__ == "__main__":
    main(run)
