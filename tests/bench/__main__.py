"""Both benchmarks in one run: what the map costs, and how long a red escalation takes to be seen."""

from __future__ import annotations

from tests.bench import escalation_bench, map_bench

if __name__ == "__main__":
    map_bench.main()
    escalation_bench.main()
