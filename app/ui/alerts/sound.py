"""Keeps the sound helper alive and tells it what should sound: the client's side of the alert sound.

The wanted state is kept here and said again to every new helper, so an alert goes on ringing after
its helper died. Nothing a helper does (abort, hang, nonsense) reaches this process.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from app.helpers import FOLDER, helper_command
from app.ui.alerts import sound_protocol as protocol
from app.ui.alerts.sound_protocol import Command, Device, Devices, Ping, Play, Pong, Sounding, Stop, Trouble

log = logging.getLogger(__name__)

BACKOFF_MS = (100, 500, 1_000, 2_000, 5_000, 15_000, 30_000)
"""Waits before the next helper; the first after a healthy life is the first again."""
RINGING_BACKOFF_MS = 5_000
"""While an alert rings, nobody waits longer for the sound to come back."""
HEALTHY_MS = 20_000
PING_MS = 4_000
"""A helper that leaves two of these unanswered hangs, and is replaced."""
ONCE_S = 6.0
"""s from one start of a sound to the next that is to be heard once; it is stopped before."""
DOWN = "helper_down"
MUTED = "muted"


class Mode(enum.Enum):
    """What is to be heard."""

    QUIET = "quiet"
    CHIMING = "chiming"
    CALLING = "calling"
    RINGING = "ringing"


@dataclass(frozen=True)
class SoundSettings:
    """What sounds, where and how loud.

    Attributes:
        sound: a name of :data:`app.ui.alerts.sound_protocol.SOUNDS`.
        device: output by id (:attr:`AlertSound.outputs`); empty means the system's default.
        volume: 0 to 100.
    """

    sound: str = "chime"
    device: str = ""
    volume: int = 80


class AlertSound(QObject):
    """The alert's sound: on or off, whatever happens to the process that makes it.

    Attributes:
        outputs: the output devices as last heard of.
        trouble: why nothing can be heard: empty, ``no_device``, ``failed``, ``stalled``,
            ``helper_down`` or ``muted`` (the volume is 0).
        fallback: the chosen device is gone and the default one sounds.

    Signals:
        trouble_changed: with the new :attr:`trouble`.
        outputs_changed: :attr:`outputs` or :attr:`fallback` is new.
        sounding: the sound server takes the sound (once per start).
    """

    trouble_changed = Signal(str)
    outputs_changed = Signal()
    sounding = Signal()

    def __init__(self, parent: QObject | None = None, *, command: Sequence[str] | None = None) -> None:
        super().__init__(parent)
        self.outputs: tuple[Device, ...] = ()
        self.trouble = ""
        self.fallback = False
        self._command = list(command or helper_command("sound"))
        self._settings = SoundSettings()
        self._mode = Mode.QUIET
        self._heard = ""  # the helper's own trouble
        self._process: QProcess | None = None
        self._failures = 0
        self._greeted = False
        self._ping = 0
        self._pong = 0
        self._restart = QTimer(self, singleShot=True)
        self._restart.timeout.connect(self._launch)
        self._healthy = QTimer(self, singleShot=True, interval=HEALTHY_MS)
        self._healthy.timeout.connect(self._prove_healthy)
        self._pinging = QTimer(self, interval=PING_MS)
        self._pinging.timeout.connect(self._check_alive)

    @property
    def mode(self) -> Mode:
        """What is to be heard."""
        return self._mode

    @property
    def ringing(self) -> bool:
        return self._mode is Mode.RINGING

    @property
    def process_id(self) -> int:
        """The helper's process id, 0 while there is none."""
        return self._process.processId() if self._process is not None else 0

    def start(self) -> None:
        """Start the helper now, so that the first alert need not wait for it."""
        if self._process is None and not self._restart.isActive():
            self._launch()

    def close(self) -> None:
        """End the helper; waits for it 1.5 s at most."""
        self._mode = Mode.QUIET
        for timer in (self._restart, self._healthy, self._pinging):
            timer.stop()
        process, self._process = self._process, None
        if process is None:
            return
        process.closeWriteChannel()
        if not process.waitForFinished(1_000):
            process.kill()
            process.waitForFinished(500)
        process.deleteLater()

    def set_settings(self, settings: SoundSettings) -> None:
        """Effective at once, also while it rings."""
        self._settings = settings
        self._send_wanted()
        self._judge()

    def ring(self) -> None:
        """As a red escalation does."""
        self._set(Mode.RINGING)

    def call(self) -> None:
        """As a priority message does: with a calmer sound of its own, which nobody chooses."""
        self._set(Mode.CALLING)

    def chime(self) -> None:
        """As a customer's text does: gently, and once."""
        self._set(Mode.CHIMING)

    def quiet(self) -> None:
        self._set(Mode.QUIET)

    def _set(self, mode: Mode) -> None:
        if mode is self._mode:
            return
        self._mode = mode
        if mode is not Mode.QUIET:
            self.start()
            if self._restart.isActive():  # an alert does not wait for the end of a backoff
                self._restart.start(BACKOFF_MS[0])
        self._send_wanted()

    # -- the process -----------------------------------------------------------------------------

    def _launch(self) -> None:
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        process.setWorkingDirectory(str(FOLDER))
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._failed)
        self._process = process
        self._ping = self._pong = 0
        self._greeted = False
        process.start()
        self._pinging.start()

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:  # no `finished` will follow
            self._ended()

    def _ended(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        log.warning("the sound helper ended (code %d)", process.exitCode())
        process.deleteLater()
        self._healthy.stop()
        self._pinging.stop()
        # A helper that says why (exit 3 after "no device") leaves its reason standing.
        self._hear(self._heard or DOWN)
        delay = BACKOFF_MS[min(self._failures, len(BACKOFF_MS) - 1)]
        if self._mode is not Mode.QUIET:
            delay = min(delay, RINGING_BACKOFF_MS)
        self._failures += 1
        self._restart.start(delay)

    def _prove_healthy(self) -> None:
        self._failures = 0

    def _check_alive(self) -> None:
        if self._pong < self._ping - 1 and self._process is not None:
            log.warning("the sound helper does not answer")
            self._process.kill()
            return
        self._ping += 1
        self._send(Ping(self._ping))

    # -- lines -----------------------------------------------------------------------------------

    def _send_wanted(self) -> None:
        s = self._settings
        match self._mode:
            case Mode.RINGING:
                self._send(Play(s.sound, s.device, s.volume))
            case Mode.CALLING:
                self._send(Play(protocol.CALL, s.device, s.volume))
            case Mode.CHIMING:
                self._send(Play(protocol.TEXT, s.device, s.volume, every=ONCE_S))
            case Mode.QUIET:
                self._send(Stop())

    def _send(self, command: Command) -> None:
        # While it starts, nothing is lost: `_ready` says the wanted state again.
        if self._process is not None and self._process.state() is QProcess.ProcessState.Running:
            self._process.write(protocol.encode(command))

    def _read(self) -> None:
        process = self._process
        if process is None:
            return
        while process.canReadLine():
            line = bytes(process.readLine().data())
            try:
                self._heed(protocol.decode_event(line))
            except ValueError:
                log.warning("the sound helper speaks nonsense")
                process.kill()
                return
        if process.bytesAvailable() > protocol.LINE_BYTES:
            log.warning("the sound helper sends an endless line")
            process.kill()

    def _heed(self, event: protocol.Event) -> None:
        match event:
            case Devices(outputs=outputs):
                self._ready(outputs)
            case Sounding(fallback=fallback):
                self._hear("")
                if fallback != self.fallback:
                    self.fallback = fallback
                    self.outputs_changed.emit()
                self.sounding.emit()
            case Trouble(reason=reason):
                self._hear(reason)
            case Pong(n=n):
                self._pong = n

    def _ready(self, outputs: tuple[Device, ...]) -> None:
        self.outputs = outputs
        self.outputs_changed.emit()
        if not self._greeted:
            self._greeted = True
            self._healthy.start()
            self._send_wanted()
        if outputs and self._heard in (DOWN, "no_device"):
            self._hear("")

    def _hear(self, trouble: str) -> None:
        self._heard = trouble
        self._judge()

    def _judge(self) -> None:
        trouble = self._heard or (MUTED if self._settings.volume <= 0 else "")
        if trouble != self.trouble:
            self.trouble = trouble
            self.trouble_changed.emit(trouble)
