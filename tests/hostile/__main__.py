"""``python -m tests.hostile``: runs on hostile targets, until the time is up."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
import traceback

from tests.hostile.runs import command, single, whole

KINDS = {"single": single, "whole": whole, "command": command}
ROUND = ("single",) * 50 + ("whole",) * 3 + ("command",)


def main() -> int:
    """Make runs, print the seed of each that breaks an invariant, and return 1 if there is one."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", metavar="SEED", help="one run, such as 'single 17-4'")
    options = parser.parse_args()
    if options.only:
        KINDS[options.only.split()[0]](options.only)
        return 0
    ends = time.monotonic() + options.seconds
    counts, broken = dict.fromkeys(KINDS, 0), 0
    for number in itertools.count():
        kind = ROUND[number % len(ROUND)]
        seed = f"{kind} {options.seed}-{number}"
        try:
            KINDS[kind](seed)
        except Exception:
            broken += 1
            print(f"\n{seed}\n{traceback.format_exc(-1)}", flush=True)
        counts[kind] += 1
        if time.monotonic() > ends:
            break
    done = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    print(f"seed {options.seed}: {done}; {broken} with a broken invariant")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
