"""What a screen reader and the Tab key find in the views of supervisors and admins.

Every scene of the gallery is walked through, in each of its states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.reports.reports_window import ReportsWindow
from app.ui.theme import Theme
from tests.helpers.desk import theme_of
from tests.helpers.spoken import headers, nameless, spoken_names, tab_order
from tests.ui import gallery_priority
from tests.ui.gallery_inbox import InboxScenes
from tests.ui.gallery_integrations import IntegrationScenes
from tests.ui.gallery_policies import PolicyScenes
from tests.ui.gallery_privacy import PrivacyScenes
from tests.ui.gallery_reports import ReportScenes

Save = Callable[[str, QWidget], None]
SCENES: dict[str, Callable[[Theme, Save], None]] = {
    "reports": lambda theme, save: ReportScenes(theme, "en", save).show(),
    "policies": lambda theme, save: PolicyScenes(theme, "en", save).show(),
    "integrations": lambda theme, save: IntegrationScenes(theme, "en", save).show(),
    "privacy": lambda theme, save: PrivacyScenes(theme, "en", save).show(),
    "inbox": lambda theme, save: InboxScenes(theme, "en", save).show(),
    "priority": lambda theme, save: gallery_priority.chat(theme, "en", save),
    "settings": lambda theme, save: gallery_priority.settings(theme, "en", save),
}


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.mark.parametrize("name", SCENES)
def test_everything_that_is_used_has_a_name_in_every_state(name: str, qapp: QApplication) -> None:
    found: dict[str, list[str]] = {}

    def listen(scene: str, window: QWidget) -> None:
        found[scene] = nameless(window)

    SCENES[name](theme_of(qapp), listen)
    assert found
    assert {scene: missing for scene, missing in found.items() if missing} == {}


def test_tab_goes_through_the_overview_as_it_is_read(qapp: QApplication) -> None:
    ways: dict[str, list[str]] = {}

    def walk(scene: str, window: QWidget) -> None:
        if isinstance(window, ReportsWindow):
            ways[scene] = spoken_names(tab_order(window))

    SCENES["reports"](theme_of(qapp), walk)
    assert ways["board"] == ["Board", "Full screen", "Raised hands", "Priority messages and lines"]
    assert ways["history"] == [
        "History",
        "Time",
        "Kind",
        "Outcome",
        "Person",
        "Group",
        "Words in the message",
        "Unanswered only",
        "History",
        "Export as CSV…",
    ]
    assert ways["history-narrow"][1:5] == ["Time", "From", "To", "Kind"]
    assert ways["charts"] == ["Charts", "Time", "Kind", "Tables", "Charts"]
    tables = ["First answer by hour of the day", "First answer by group", "Unanswered, day by day"]
    assert ways["charts-tables"][5:] == tables


def test_tables_say_their_headers_and_charts_where_their_tables_are(qapp: QApplication) -> None:
    told: dict[str, list[str]] = {}

    def listen(scene: str, window: QWidget) -> None:
        if scene == "history" and isinstance(window, ReportsWindow):
            told["history"] = headers(window.view_page)
        elif scene == "charts-tables":
            told["tables"] = headers(scenes.overview.charts.hours.table)
        elif scene == "charts":
            chart = scenes.overview.charts.hours
            plot = chart.pages.currentWidget()
            assert plot is not None
            bars = QAccessible.queryAccessibleInterface(plot)
            told["chart"] = [bars.text(QAccessible.Text.Name), bars.text(QAccessible.Text.Description)]

    scenes = ReportScenes(theme_of(qapp), "en", listen)
    scenes.show()
    assert told["history"] == [
        *("Time", "Kind", "Asked for help", "Message", "Outcome", "First answer", "After")
    ]
    half, most = "Half answered within", "9 of 10 answered within"
    assert told["tables"] == ["Hour", half, most, "Answered", "Unanswered"]
    assert told["chart"] == [
        "First answer by hour of the day",
        "The same stands in a table: choose Tables.",
    ]


def test_what_comes_later_has_its_place_in_the_way(qapp: QApplication) -> None:
    """Rows that are filled later, and steps that are added, are not last."""
    ways: dict[str, list[str]] = {}

    def walk(scene: str, window: QWidget) -> None:
        ways[scene] = spoken_names(tab_order(window))

    SCENES["integrations"](theme_of(qapp), walk)
    SCENES["privacy"](theme_of(qapp), walk)
    first, *_, last = ways["integrations"]
    assert first == "Revoke the token of Phone system"
    assert last == "Done"
    assert ways["privacy"][-1] == "Done"
    SCENES["policies"](theme_of(qapp), walk)
    way = ways["policies"]
    steps = [way.index(name) for name in way if name.startswith("Step ")]
    assert steps == sorted(steps)
    assert way.index("Name of the policy") < steps[0] < steps[-1] < way.index("Add a step")
    assert way.index("Wait") < way.index("Recipients")
