"""Which news about this machine's network are a reason to try the server, or to test the link, at once."""

from __future__ import annotations


class NetworkNews:
    """Fed with what the system says, as often as it likes."""

    def __init__(self) -> None:
        self._last: tuple[bool, str] | None = None

    def heard(self, reachable: bool, medium: str) -> bool:
        """Whether it is worth trying now.

        A network that came, or became another one (from cable to Wi-Fi), is; one that went shows soon whether
        the link went with it. What is as it was before, and the first word of all, is no news.

        Args:
            medium: the kind of network, as the system names it.
        """
        now = (reachable, medium if reachable else "")
        news = self._last is not None and now != self._last
        self._last = now
        return news
