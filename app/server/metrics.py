"""Figures of the server in Prometheus' text format, for an integration that may read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from app.core.cases import SendState
from app.core.hooks import ApiAction
from app.core.policy import CaseKind
from app.server.api.access import Access
from app.server.auditor import Auditor
from app.server.clock import Clock
from app.server.delivery.carriers import Carriers
from app.server.engine import LATE, Engine
from app.server.hub import Hub
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.server.store.cases import Health
from app.server.store.hooks import KeptWebhook
from app.server.web import Web

PREFIX = "handraise_"
LAGS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """What is asked for is counted when it is asked for; what passes is counted as it happens."""

    def __init__(
        self,
        store: Store,
        spaces: Spaces,
        hub: Hub,
        engine: Engine,
        auditor: Auditor,
        carriers: Carriers,
        clock: Clock,
    ) -> None:
        self._store, self._spaces, self._hub, self._clock = store, spaces, hub, clock
        self._engine, self._auditor, self._carriers = engine, auditor, carriers
        self._registry = CollectorRegistry()
        self._lag = Histogram(
            f"{PREFIX}loop_lag_seconds",
            "By how much the event loop was late, looked at about once a second",
            registry=self._registry,
            buckets=LAGS_S,
        )
        self._seen = _Seen()
        self._registry.register(self._seen)

    def register(self, web_side: Web, access: Access) -> None:
        async def answer(request: web.Request) -> web.Response:
            await access.enter(request, ApiAction.METRICS)
            return web.Response(body=await self.text(), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})

        web_side.add("GET", "/metrics", answer)

    def lagged(self, seconds: float) -> None:
        """The loop was late by so much."""
        self._lag.observe(max(0.0, seconds))

    async def text(self) -> bytes:
        """Raises StoreError."""
        health = await self._store.cases.health(self._clock.now(), LATE)
        webhooks = await self._store.hooks.all()
        self._seen.metrics = [
            *self._of_people(),
            *_of_alerts(health, self._clock.now()),
            *self._of_engine(),
            *self._of_gateways(health),
            *_of_webhooks(webhooks),
        ]
        return generate_latest(self._registry)

    def _of_people(self) -> Iterable[Metric]:
        people = {room.state.space.name: len(room.state.occupants) for room in self._spaces.rooms}
        yield _gauge("connections", "Machines that are connected to this server", len(self._hub.links))
        yield _gauges("people", "People in a space", "space", people)

    def _of_engine(self) -> Iterable[Metric]:
        figures, report = self._engine.figures, self._auditor.report
        yield _counter("case_looks", "Alerts that this server looked at", figures.looks)
        yield _counter("steps", "Steps and repeated calls that this server ran", figures.steps)
        yield _counter("steps_late", f"Looks that came more than {LATE:.0f} s late", figures.late)
        yield _gauge("step_worst_delay_seconds", "The latest look since the start", figures.worst)
        mended = report.mended if report is not None else 0
        yield _counter("alerts_mended", "Open alerts that had no valid next look", mended)
        yield _gauge("well", "1: the auditor says that alerts are looked after", int(self._auditor.well))

    def _of_gateways(self, health: Health) -> Iterable[Metric]:
        states = {state.value: health.sends.get(state, 0) for state in SendState}
        yield _gauges("sends", "Texts, calls and messages by what is known of them", "state", states)
        errors = CounterMetricFamily(
            f"{PREFIX}gateway_errors", "Sends that a gateway did not take", labels=("channel", "reason")
        )
        for (channel, reason), count in self._carriers.errors.items():
            errors.add_metric((channel, reason), count)
        yield errors
        caps = CounterMetricFamily(
            f"{PREFIX}caps_reached",
            "Texts and calls that were not sent since a limit was reached",
            labels=("cap",),
        )
        for cap, count in self._carriers.reached.items():
            caps.add_metric((cap,), count)
        yield caps


class _Seen(Collector):
    """What was counted last."""

    def __init__(self) -> None:
        self.metrics: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def _of_alerts(health: Health, now: float) -> Iterable[Metric]:
    kinds = {kind.value: health.open.get(kind, 0) for kind in CaseKind}
    yield _gauges("open_alerts", "Open alerts", "kind", kinds)
    yield _gauge("unanswered_alerts", "Open alerts that nobody has answered", health.waiting)
    oldest = max(0.0, now - health.oldest_waiting) if health.oldest_waiting is not None else 0.0
    yield _gauge("oldest_unanswered_seconds", "How long the oldest of these waits", oldest)
    yield _gauge("overdue_alerts", f"Alerts with a step that is more than {LATE:.0f} s late", health.late)
    yield _gauge("overdue_seconds", "How late the latest of these is", health.latest)


def _of_webhooks(kept: Iterable[KeptWebhook]) -> Iterable[Metric]:
    webhooks = [one.webhook for one in kept]
    waiting = sum(webhook.waiting for webhook in webhooks)
    yield _gauge("webhook_backlog", "Messages that wait for webhooks", waiting)
    failing = sum(webhook.failing is not None and webhook.off is None for webhook in webhooks)
    yield _gauge("webhooks_failing", "Webhooks that take no messages", failing)
    yield _gauge(
        "webhooks_off", "Webhooks that are off", sum(webhook.off is not None for webhook in webhooks)
    )


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, words, value=value)


def _counter(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, words, value=value)


def _gauges(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, words, labels=(label,))
    for which, value in values.items():
        family.add_metric((which,), value)
    return family
