"""The file that ``handraise serve --phones`` reads: how this server texts and calls, and how much at most."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from app.core.errors import Refused
from app.core.model import Frozen
from app.server.delivery.numbers import Numbers
from app.server.settings_file import ConfigError, is_loopback, read_small, read_toml
from app.server.store.contacts import Caps

TOKEN_VARIABLE = "HANDRAISE_TWILIO_TOKEN"
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class CapsConfig(Frozen, forbid_unknown_fields=True):
    """Texts and calls within an hour at most."""

    number: Count = Caps().target
    person: Count = Caps().person
    server: Count = Caps().server


class TwilioConfig(Frozen, forbid_unknown_fields=True):
    """Attributes:
    account_sid: ``AC…``.
    number: the one that texts and calls come from, E.164.
    callbacks: where Twilio reaches this server's HTTP port from outside: ``https://…``, without the path.
    auth_token_file: found beside the config; else the environment has it.
    api: where Twilio's API is.
    """

    account_sid: str
    number: Text
    callbacks: Text
    auth_token_file: str = ""
    api: Text = "https://api.twilio.com"
    auth_token: str = ""


class PhonesConfig(Frozen, forbid_unknown_fields=True):
    """Attributes:
    region: where numbers without a country code are, such as ``JP``.
    countries: the only ones that are texted and called; without any, all.
    language: of what the server itself says, and of texts whose script does not tell.
    """

    region: str = ""
    countries: tuple[str, ...] = ()
    language: str = "en"
    caps: CapsConfig = CapsConfig()
    twilio: TwilioConfig | None = None

    @property
    def numbers(self) -> Numbers:
        return Numbers(self.region, self.countries)

    @property
    def most(self) -> Caps:
        return Caps(self.caps.number, self.caps.person, self.caps.server)


def load_phones(file: Path, environment: Mapping[str, str] = os.environ) -> PhonesConfig:
    """Raises ConfigError with what is wrong where."""
    config = read_toml(file, PhonesConfig)
    for country in (*filter(None, [config.region]), *config.countries):
        if not re.fullmatch("[A-Z]{2}", country):
            raise ConfigError(f'{file}: "{country}" is no country; write its two letters, such as "JP".')
    if not re.fullmatch("[a-z]{2}(-[A-Z]{2})?", config.language):
        raise ConfigError(f'{file}: language must be like "en", "ja" or "en-GB".')
    if config.twilio is None:
        return config
    return msgspec.structs.replace(config, twilio=_twilio(file, config.twilio, environment))


def _twilio(file: Path, twilio: TwilioConfig, environment: Mapping[str, str]) -> TwilioConfig:
    if not re.fullmatch("AC[0-9a-fA-F]{32}", twilio.account_sid):
        raise ConfigError(
            f"{file}: account_sid must be the Account SID of Twilio's console: "
            "AC, then 32 characters from 0-9 and a-f."
        )
    if twilio.auth_token:
        raise ConfigError(f"{file}: write the token to a file of its own and name it in auth_token_file.")
    if twilio.auth_token_file:
        token = read_small(file.parent / twilio.auth_token_file).strip()
    else:
        token = environment.get(TOKEN_VARIABLE, "").strip()
    if not token or not token.isascii():
        raise ConfigError(
            f"{file}: auth_token_file or the variable {TOKEN_VARIABLE} must give Twilio's token."
        )
    try:
        number = Numbers().read(twilio.number)
    except Refused as error:
        raise ConfigError(f"{file}: number must be a phone number with its country code.") from error
    for name, address in (("callbacks", twilio.callbacks), ("api", twilio.api)):
        if not _is_safe(address):
            raise ConfigError(f"{file}: {name} must begin with https://.")
    return msgspec.structs.replace(
        twilio,
        number=number,
        callbacks=twilio.callbacks.rstrip("/"),
        api=twilio.api.rstrip("/"),
        auth_token=token,
    )


def _is_safe(address: str) -> bool:
    """Encrypted; or on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
