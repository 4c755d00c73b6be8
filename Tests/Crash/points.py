"""Kills a stage at every point that it passes, starts again, and compares with a run that nobody
disturbed: at each point of each stage, then at points of the recovery as well."""

import argparse
import collections
import random
import signal

from rig import Rig, Failure, expect, main
from scenarios import SCENARIOS

KILLED = 128 + signal.SIGKILL


def passed(rig, scenario, **environment):
    """Runs the pipeline to its end; returns how often it came by each point."""
    status = rig.run(scenario.command, STREAM_CRASH_LOG=rig.path("points"), **environment)
    if status not in scenario.statuses:
        raise Failure(f"{scenario.name}: status {status}\n{rig.errors()}")
    with open(rig.path("points")) as file:
        return collections.Counter(file.read().split("\n")[:-1])


def targets(points):
    """The first, the second and the last passage of each point."""
    for name, count in sorted(points.items()):
        for occurrence in sorted({1, min(2, count), count}):
            yield f"{name}#{occurrence}"


def crash(rig, scenario, target):
    """Runs the pipeline until it is killed there."""
    rig.run(scenario.command, STREAM_CRASH_AT=target)


def outcome(rig, scenario):
    """What has to come out: the result, and the lines of the promise."""
    promised = rig.output(scenario.promise) if scenario.promise else ""
    return rig.output(scenario.result), promised.split("\n")


def check(rig, scenario, expected, story):
    result, promised = expected
    if scenario.promise:
        for line in rig.output(scenario.promise).split("\n"):
            if line not in promised:
                raise Failure(f"{scenario.name}: {story}: this does not last: {line}")
    for _ in range(3):
        # A stage of the killed run may still hold a lock for a moment.
        status = rig.run(scenario.command)
        if status != 75:
            break
    if status not in scenario.statuses:
        raise Failure(f"{scenario.name}: {story}: the next run ends with {status}\n{rig.errors()}")
    expect(rig.output(scenario.result), result, f"{scenario.name}: {story}")
    if scenario.never:
        expect(rig.output(scenario.never), "", f"{scenario.name}: {story}")


def single(scenario, only=None, most=None, seed=1):
    """Kills a run at each of its points, or at so many of them."""
    with Rig() as rig:
        scenario.prepare(rig)
        points = passed(rig, scenario)
        expected = outcome(rig, scenario)
    chosen = [t for t in targets(points) if only is None or only in t]
    if most is not None and most < len(chosen):
        chosen = random.Random(seed).sample(chosen, most)
    for target in chosen:
        with Rig() as rig:
            scenario.prepare(rig)
            crash(rig, scenario, target)
            check(rig, scenario, expected, f"killed at {target}")
    return chosen, expected


def double(scenario, chosen, expected, count, seed):
    """Kills the run that recovers, too."""
    generator = random.Random(seed)
    for _ in range(count):
        first = generator.choice(chosen)
        with Rig() as rig:
            scenario.prepare(rig)
            crash(rig, scenario, first)
            second = generator.choice(chosen).split("#")[0] + "#1"
            crash(rig, scenario, second)
            third = generator.choice(chosen).split("#")[0] + "#1"
            crash(rig, scenario, third)
            check(rig, scenario, expected, f"killed at {first}, then at {second}, then at {third}")


def run():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), action="append")
    parser.add_argument("--only", help="points whose names contain this")
    parser.add_argument("--most", type=int, help="points of each scenario, chosen by the seed (default: all)")
    parser.add_argument("--double", type=int, default=10, help="double crashes, at random")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    total = 0
    for name in options.scenario or sorted(SCENARIOS):
        scenario = SCENARIOS[name]
        chosen, expected = single(scenario, options.only, options.most, options.seed)
        double(scenario, chosen, expected, options.double, options.seed)
        total += len(chosen) + options.double
    return f"{total} crashes, all recovered from"


if __name__ == "__main__":
    main(run)
