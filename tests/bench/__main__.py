"""The benchmarks in one run: map, escalation, ways, the client's weight, a thousand screens, a full space,
reports, alerts that nobody answers."""

from __future__ import annotations

from tests.bench import (
    engine_bench,
    escalation_bench,
    fanout_bench,
    map_bench,
    memory_bench,
    path_bench,
    reports_bench,
    snapshot_bench,
)

if __name__ == "__main__":
    maps = map_bench.main()
    escalation_bench.main()
    path_bench.main()
    client = memory_bench.main()
    for count, results in maps.items():
        browser = results[map_bench.PHASER].pss
        print(
            f"The whole client weighs 1/{browser / client:.1f} of Chromium with the map of {count:,} people"
        )
    fanout_bench.main()
    snapshot_bench.main()
    reports_bench.main(reports_bench.ALERTS)
    engine_bench.main()
