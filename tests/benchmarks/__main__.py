"""`python -m tests.benchmarks [start] [load] [memory] [trigger] [namespaces] [plugin] [cache]`: one after another, never two at once."""

from __future__ import annotations

import sys

from tests.benchmarks import cache, load, memory, namespaces, plugin, start, trigger

BENCHMARKS = {
    "start": start.main,
    "load": load.main,
    "memory": memory.main,
    "trigger": trigger.main,
    "namespaces": namespaces.main,
    "plugin": plugin.main,
    "cache": cache.main,
}


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        sys.stderr.write(f"error: no such benchmark: {', '.join(unknown)}\nhint: choose from {', '.join(BENCHMARKS)}\n")
        return 2
    for name in names or BENCHMARKS:
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
