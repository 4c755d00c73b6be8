#!/usr/bin/env python3
"""Records a perf profile of each process of the benchmark pipelines.

  profile.py --data DIR --out DIR [NAME…]

Writes OUT/NAME.TOOL.txt, the functions by their share of the tool's CPU time, and prints the top of
each. Needs perf (Debian's linux-perf).
"""
import argparse
import os
import re
import subprocess
import tempfile

from bench import PIPELINES


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for name in options.names or PIPELINES:
        with tempfile.TemporaryDirectory() as directory:
            pipeline = PIPELINES[name].format(data=options.data, out=f"{directory}/out.csv")
            tools = re.findall(r"\bstream-[a-z]+\b(?= )", pipeline)
            recorded = re.sub(
                r"\b(stream-[a-z]+) ", lambda m: f"perf record -q -o {directory}/{m[1]}.perf {m[1]} ", pipeline)
            subprocess.run(["bash", "-c", "set -o pipefail; " + recorded], check=True)
            for tool in tools:
                report = subprocess.run(
                    ["perf", "report", "-i", f"{directory}/{tool}.perf", "--stdio", "--percent-limit", "0.5"],
                    capture_output=True, text=True, check=True).stdout
                with open(f"{options.out}/{name}.{tool}.txt", "w") as file:
                    file.write(report)
                lines = [line for line in report.splitlines() if re.match(r" +[0-9.]+%", line)]
                print(f"\n{name}: {tool}", *lines[:8], sep="\n", flush=True)


if __name__ == "__main__":
    main()
