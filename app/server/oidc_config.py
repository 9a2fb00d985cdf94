"""The file that ``handraise serve --oidc`` reads: who may sign in through which provider, as what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from app.core.limits import NAME_CHARS
from app.core.model import Frozen, Role
from app.server.settings_file import ConfigError, is_loopback, read_small, read_toml

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class OidcConfig(Frozen, forbid_unknown_fields=True):
    """Attributes:
    name: of the provider, as people know it; shown on the sign-in page.
    issuer: its address, exactly as it calls itself.
    client_id, client_secret_file: what it knows this server as; the file is found beside the config.
    scopes: what is asked for.
    handle_claim, name_claim: what a new person is called; ``email`` counts up to the @, if verified.
    role_claim, roles: the claim (``a.b`` looks inside) whose values mean roles; the highest one counts.
    default_role: of those whose claims mean none; ``None`` refuses them.
    create: whether somebody without an account gets one; else an admin makes and links it.
    link_by_handle: whether the first who comes with an existing person's handle becomes that person.
    email_domains: only people with a verified address of one of these.
    spaces: where new people belong; without any, in the only space, if there is only one.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_CHARS)]
    issuer: Text
    client_id: Text
    client_secret_file: str = ""
    scopes: tuple[Text, ...] = ("openid", "profile", "email")
    handle_claim: Text = "preferred_username"
    name_claim: Text = "name"
    role_claim: str = ""
    roles: dict[str, Role] = msgspec.field(default_factory=dict)
    default_role: Role | None = None
    create: bool = False
    link_by_handle: bool = False
    email_domains: tuple[Text, ...] = ()
    spaces: tuple[Text, ...] = ()
    client_secret: str = ""

    def role_of(self, claims: dict[str, object]) -> Role | None:
        """What the claims make of a person; ``None``: they are not to come in."""
        found: object = claims if self.role_claim else None
        for part in self.role_claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        values = found if isinstance(found, list) else [found]
        roles = {self.roles[value] for value in values if isinstance(value, str) and value in self.roles}
        return next((role for role in (Role.ADMIN, Role.SUPERVISOR, Role.AGENT) if role in roles), None) or (
            self.default_role
        )


def load_oidc(file: Path) -> OidcConfig:
    """Raises ConfigError with what is wrong where."""
    config = read_toml(file, OidcConfig)
    if config.client_secret:
        raise ConfigError(f"{file}: write the secret to a file of its own and name it in client_secret_file.")
    if not is_safe(config.issuer, config.issuer):
        raise ConfigError(f"{file}: the issuer must begin with https://.")
    if "openid" not in config.scopes:
        raise ConfigError(f'{file}: the scopes must include "openid".')
    if config.roles and not config.role_claim:
        raise ConfigError(f"{file}: role_claim must say which claim the roles are found in.")
    if not config.roles and config.default_role is None:
        raise ConfigError(f"{file}: without roles or default_role nobody could come in.")
    secret = read_small(file.parent / config.client_secret_file).strip() if config.client_secret_file else ""
    return msgspec.structs.replace(config, client_secret=secret)


def is_safe(url: str, issuer: str) -> bool:
    """Encrypted; or on this machine, where the provider is as well."""
    parts, home = urlsplit(url), urlsplit(issuer)
    if parts.scheme == "https" and parts.hostname:
        return True
    hosts = (parts.hostname or "", home.hostname or "")
    return parts.scheme == "http" and all(map(is_loopback, hosts))
