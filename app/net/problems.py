"""What can go wrong between here and the server: one table from code to a sentence for a person.

Like :mod:`app.core.errors`: the sentence is filled in and translated where it is shown.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

from app.core.errors import N_, Fields
from app.core.model import Frozen


class Trouble(enum.StrEnum):
    """Why there is no connection, or why something was not sent."""

    ADDRESS_EMPTY = "address_empty"
    ADDRESS_SCHEME = "address_scheme"
    ADDRESS_HOST = "address_host"
    ADDRESS_PORT = "address_port"
    ADDRESS_EXTRA = "address_extra"
    UNPROTECTED = "unprotected"
    UNKNOWN_HOST = "unknown_host"
    NO_ANSWER = "no_answer"
    NOT_HANDRAISE = "not_handraise"
    CERTIFICATE = "certificate"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_EARLY = "certificate_early"
    CERTIFICATE_NAME = "certificate_name"
    CERTIFICATE_OWN = "certificate_own"
    CERTIFICATE_ISSUER = "certificate_issuer"
    CERTIFICATE_REVOKED = "certificate_revoked"
    OLD_TLS = "old_tls"
    NO_TLS = "no_tls"
    TLS = "tls"
    PROXY = "proxy"
    BROWSER_SLOW = "browser_slow"
    LOST = "lost"
    SILENT = "silent"
    NOT_CONNECTED = "not_connected"
    BROKEN_FILE = "broken_file"
    NOT_UNDERSTOOD = "not_understood"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"
    EXPIRED = "expired"
    EXPIRED_LONG = "expired_long"
    EXPIRED_UNSURE = "expired_unsure"
    OTHER_SPACE = "other_space"
    KEPT = "kept"
    OUTBOX_FULL = "outbox_full"
    OUTBOX_BROKEN = "outbox_broken"
    NOT_KEPT = "not_kept"
    NOT_KEPT_FULL = "not_kept_full"


PROBLEMS: Mapping[Trouble, str] = {
    Trouble.ADDRESS_EMPTY: N_("Enter the address of the server."),
    Trouble.ADDRESS_SCHEME: N_("A server address begins with wss:// or ws://, not with {scheme}://."),
    Trouble.ADDRESS_HOST: N_("“{address}” is not a server address. Write it like office.example.com:7443."),
    Trouble.ADDRESS_PORT: N_("The port of “{address}” is not a number from 1 to 65535."),
    Trouble.ADDRESS_EXTRA: N_("A server address ends after the port: {host}:{port}."),
    Trouble.UNPROTECTED: N_(
        "The connection to {host} would not be encrypted, and others could read the password. "
        "Use wss://{host}, or allow it for this server if its network is trusted."
    ),
    Trouble.UNKNOWN_HOST: N_("There is no server named {host}. Check the address and the network."),
    Trouble.NO_ANSWER: N_("{host}:{port} does not answer."),
    Trouble.NOT_HANDRAISE: N_("{host}:{port} answers, but it is not a Handraise server."),
    Trouble.CERTIFICATE: N_(
        "The certificate of {host} is not trusted. Ask your admin whether this machine misses the company's "
        "certificate."
    ),
    Trouble.CERTIFICATE_EXPIRED: N_(
        "The certificate of {host} (for {subject}, from {issuer}) ended on {until}. Its admin has to renew "
        "it; or the date of this machine, {today}, is wrong."
    ),
    Trouble.CERTIFICATE_EARLY: N_(
        "The certificate of {host} (for {subject}, from {issuer}) begins to count on {since}. Is the date of "
        "this machine, {today}, right?"
    ),
    Trouble.CERTIFICATE_NAME: N_(
        "The server at {host} shows a certificate for {names}. Sign in with one of these names, or ask its "
        "admin for a certificate that names {host}."
    ),
    Trouble.CERTIFICATE_OWN: N_(
        "The certificate of {host} (for {subject}) is signed by nobody but itself, so anybody could have "
        "made it. Ask your admin to install it on this machine, or to get one from the company."
    ),
    Trouble.CERTIFICATE_ISSUER: N_(
        "The certificate of {host} (for {subject}) was issued by {issuer}, whom this machine does not know. "
        "Ask your admin to install the certificate of {issuer} on this machine."
    ),
    Trouble.CERTIFICATE_REVOKED: N_(
        "The certificate of {host} (for {subject}, from {issuer}) was withdrawn. Do not sign in there; tell "
        "your admin."
    ),
    Trouble.TLS: N_("No encrypted connection to {host} came about. Ask the server's admin to check its TLS."),
    Trouble.OLD_TLS: N_(
        "{host} knows only outdated encryption, older than TLS 1.2. Its admin has to update the server."
    ),
    Trouble.NO_TLS: N_("{host} does not answer encrypted. Does the address need ws:// instead?"),
    Trouble.PROXY: N_("The proxy of this machine does not let the program through to {host}."),
    Trouble.BROWSER_SLOW: N_("Nobody signed in in the browser within {minutes} minutes. Please start again."),
    Trouble.LOST: N_("The connection to the server broke."),
    Trouble.SILENT: N_("The server has stopped answering."),
    Trouble.NOT_CONNECTED: N_("There is no connection to the server."),
    Trouble.NOT_UNDERSTOOD: N_("The server answered something that could not be understood."),
    Trouble.BROKEN_FILE: N_("The server sent a damaged file."),
    Trouble.CLOSED: N_("This was not sent: the program was closed or signed out."),
    Trouble.WITHDRAWN: N_("This was not sent: it was taken back."),
    Trouble.GIVEN_UP: N_("Signing in was stopped."),
    Trouble.EXPIRED: N_("This was not sent: there was no connection for {seconds} s."),
    Trouble.EXPIRED_LONG: N_("This was not sent: there was no connection for {hours} hours."),
    Trouble.EXPIRED_UNSURE: N_(
        "It is not known whether this arrived: the connection broke, and came back too late to ask again."
    ),
    Trouble.OTHER_SPACE: N_("This was not sent: it was meant for another space."),
    Trouble.KEPT: N_("This was not sent yet. It is kept for when you sign in again."),
    Trouble.OUTBOX_FULL: N_("This was not sent: too much is waiting for the connection already."),
    Trouble.OUTBOX_BROKEN: N_(
        "What had been waiting to be sent could not be read. The damaged file is kept as {file}."
    ),
    Trouble.NOT_KEPT: N_(
        "What waits for the connection cannot be saved on this machine. It is sent while Handraise runs."
    ),
    Trouble.NOT_KEPT_FULL: N_(
        "The disk is full: what waits for the connection is not saved on it. It is sent while Handraise runs."
    ),
}


class Problem(Frozen):
    """A trouble with what its sentence needs."""

    code: Trouble
    fields: Fields = msgspec.field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In English; the window translates ``PROBLEMS[code]`` and fills it itself."""
        return PROBLEMS[self.code].format_map(self.fields)


class ConnectionProblem(Exception):  # noqa: N818 - what happened, not a fault of the program
    """There is no connection, or it broke while something was asked."""

    def __init__(self, code: Trouble, **fields: str | int) -> None:
        self.problem = Problem(code, fields)
        super().__init__(self.problem.sentence)


class NotSent(Exception):  # noqa: N818
    """A command was given up. ``problem`` says why; ``expired_unsure`` when it may have arrived."""

    def __init__(self, code: Trouble, **fields: str | int) -> None:
        self.problem = Problem(code, fields)
        super().__init__(self.problem.sentence)
