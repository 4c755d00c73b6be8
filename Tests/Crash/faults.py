"""Lets calls of the system fail, one after the other: a disk that is full or broken, a call that is
interrupted. A failure is told (status 74), an interruption changes nothing, and when the disk is well
again the query goes on."""

import argparse
import random
import re

from rig import Rig, Failure, expect, main
from points import check, outcome, passed
from scenarios import SCENARIOS

CALLS = ["pwrite64", "fdatasync", "fsync", "rename", "mkdir", "link"]
ERRORS = ["ENOSPC", "EIO"]
# Those that the system may interrupt.
INTERRUPTED = ["pwrite64", "fdatasync", "fsync"]
CALLS_MAX = 200


def faulty(command, tool, call, error, number):
    """The pipeline with a stage whose numbered call fails."""
    # As a grandchild (-D), so that it does not wait for the source of a further input as for its own.
    trace = f"strace -D -f -qq -o /dev/null -e trace={call} -e inject={call}:error={error}:when={number}"
    places = [match.start() for match in re.finditer(rf"\b{tool}\b", command)]
    place = places[number % len(places)]
    return f"{command[:place]}{trace} {command[place:]}"


def one(scenario, expected, tool, call, error, number):
    """Returns whether there was such a call."""
    story = f"call {number} of {call} in {tool} fails with {error}"
    with Rig() as rig:
        scenario.prepare(rig)
        status = rig.run(faulty(scenario.command, tool, call, error, number))
        if status in scenario.statuses:
            expect(rig.output(scenario.result), expected[0], f"{scenario.name}: {story}")
            return False
        if status != 74:
            raise Failure(f"{scenario.name}: {story}: status {status}\n{rig.errors()}")
        lines = [line for line in rig.errors().split("\n") if ": error: " in line]
        if len(lines) != 1:
            raise Failure(f"{scenario.name}: {story}: it is told {len(lines)} times\n{rig.errors()}")
        check(rig, scenario, expected, story)
        return True


def interrupted(scenario, expected, tool, call, number):
    with Rig() as rig:
        scenario.prepare(rig)
        status = rig.run(faulty(scenario.command, tool, call, "EINTR", number))
        if status == 74 and "cannot write database" in rig.errors():
            # SQLite repeats an interrupted write, but takes an interrupted fsync for a failure.
            check(rig, scenario, expected, f"{call} in {tool} interrupted")
            return
        if status not in scenario.statuses:
            raise Failure(f"{scenario.name}: {call} in {tool} interrupted: status {status}\n{rig.errors()}")
        expect(rig.output(scenario.result), expected[0], f"{scenario.name}: {call} in {tool} interrupted")


def short_writes(scenario, expected, kilobytes):
    """A limit on the length of files: the write that meets it is cut short."""
    with Rig() as rig:
        scenario.prepare(rig)
        status = rig.run(f"ulimit -f {kilobytes}; {scenario.command}")
        if status not in scenario.statuses and status != 74:
            raise Failure(f"{scenario.name}: files of {kilobytes} KiB: status {status}\n{rig.errors()}")
        check(rig, scenario, expected, f"files of {kilobytes} KiB at most")
        return status == 74


def fail(scenario, count, seed):
    with Rig() as rig:
        scenario.prepare(rig)
        passed(rig, scenario)
        expected = outcome(rig, scenario)
    tools = sorted(set(re.findall(r"stream-(?:source|agg|union|join|sink)", scenario.command)))
    generator = random.Random(seed)
    done = told = 0
    for tool in tools:
        for call in CALLS:
            numbers = range(1, CALLS_MAX)
            if count:
                numbers = sorted(generator.sample(range(1, 12), min(count, 11)))
            for number in numbers:
                there = one(scenario, expected, tool, call, generator.choice(ERRORS), number)
                done, told = done + 1, told + there
                if not there:
                    break
        for call in INTERRUPTED:
            interrupted(scenario, expected, tool, call, generator.randrange(1, 4))
            done += 1
    for kilobytes in [1, 4]:
        told += short_writes(scenario, expected, kilobytes)
        done += 1
    if told == 0:
        raise Failure("no call has failed")
    return done, told


def run():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), action="append")
    parser.add_argument("--count", type=int, default=0, help="calls of each kind, at random (0: all)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    done = told = 0
    for name in options.scenario or sorted(SCENARIOS):
        found = fail(SCENARIOS[name], options.count, options.seed)
        done, told = done + found[0], told + found[1]
    return f"{done} faults, {told} of them told with status 74, all recovered from"


if __name__ == "__main__":
    main(run)
