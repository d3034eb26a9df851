"""``python -m benchmarks.opaque calibration|power|content|bounds``: prints Markdown."""

import argparse
import resource

from benchmarks.opaque import bounds, calibration, content, power


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.opaque")
    parser.add_argument("what", choices=("calibration", "power", "content", "bounds"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--streams", type=int, default=300, help="honest apps (calibration)")
    parser.add_argument("--draws", type=int, default=10, help="draws of the coins for each (calibration)")
    parser.add_argument("--pairs", type=int, help="pairs of a stream (40), or of a behaviour (300)")
    options = parser.parse_args()
    if options.what == "calibration":
        pairs = options.pairs or 40
        print(calibration.measure(options.streams, pairs, options.draws, options.seed, options.jobs))
    elif options.what == "power":
        print(power.measure(options.pairs or 300, options.seed, options.jobs))
    elif options.what == "content":
        print(content.measure(options.pairs or 300, options.seed, options.jobs))
    else:
        print(bounds.measure(options.pairs or 300, options.seed))
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"\n{own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime:.0f} CPU seconds")


if __name__ == "__main__":
    main()
