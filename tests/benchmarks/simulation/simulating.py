"""One simulation, from the sizes to the report."""

from msgspec import Struct

from tests.benchmarks.simulation.histories import Kind
from tests.benchmarks.simulation.planning import ANCHOR, life
from tests.benchmarks.simulation.population import DAY, Size, populate
from tests.benchmarks.simulation.queues import Workers, load_of, workers
from tests.benchmarks.simulation.report import Report, report
from tests.benchmarks.simulation.running import Found, Run


class Simulated(Struct, frozen=True):
    report: Report
    found: Found
    workers: Workers

    @property
    def holds(self) -> bool:
        """Nobody was wronged, everybody is where they belong, and the limits alone made it late."""
        late = [it for it in self.report.delays.values() if not it.within_bound]
        return not late and not any(self.report.wrong.values())


def simulate(size: Size, *, seconds_a_look: float = 0.015, fence: bool = True) -> Simulated:
    people = populate(size)
    lives = {kind: life(kind, ANCHOR, 12 * DAY) for kind in Kind}
    load = {what: load_of(lives, people.anchors, what) for what in ("look", "ask")}
    staff = workers(load["look"], size.workers, seconds_a_look)
    found = Run(size, people, staff, fence=fence).run()
    return Simulated(report(size, found, staff, load), found, staff)
