"""Lets the power fail at any moment of a run: what no fsync has made durable may be gone. The next
run has to end with the result of a run that nobody disturbed."""

import argparse
import os
import random
import shutil

from disk import Disk, put_back, read_trace
from rig import Rig, expect, main
from points import check, outcome, passed
from scenarios import SCENARIOS

# Databases and programs write with calls of their own, which the trace does not see.
TRACED = ["files", "appended", "windows", "union", "nested", "join", "table"]


def clear(rig, kept):
    for name in os.listdir(rig.directory):
        if name in kept:
            continue
        path = rig.path(name)
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def lose_power(scenario, count, seed):
    generator = random.Random(seed)
    with Rig() as rig:
        scenario.prepare(rig)
        rig.write("trace", "")
        passed(rig, scenario, STREAM_DISK_TRACE=rig.path("trace"))
        expected = outcome(rig, scenario)
        trace = read_trace(rig.path("trace"))
        moments = sorted(generator.sample(range(1, len(trace) + 1), min(count, len(trace))))
        disk, done = Disk(), 0
        for moment in moments:
            for line in trace[done:moment]:
                disk.step(line)
            done = moment
            # Only what is durable, and a mixture.
            for luck in (None, generator):
                directories, files = disk.after_loss(luck)
                clear(rig, kept=scenario.files)
                put_back(directories, files, below=rig.directory)
                what = "all that was not durable is lost" if luck is None else "some of it is lost"
                check(rig, scenario, expected,
                      f"the power failed after step {moment} of {len(trace)} ({what}): "
                      f"{short(trace[moment - 1])}")
    return 2 * len(moments)


def short(line):
    return {key: value if len(str(value)) < 200 else "…" for key, value in line.items()}


def run():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=TRACED, action="append")
    parser.add_argument("--count", type=int, default=100, help="moments of each scenario")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = options.scenario or TRACED
    total = sum(lose_power(SCENARIOS[name], options.count, options.seed) for name in names)
    return f"{total} losses of power, all recovered from"


if __name__ == "__main__":
    main(run)
