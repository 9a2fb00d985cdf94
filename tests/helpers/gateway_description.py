"""Twilio's OpenAPI description, and whether a request is what it asks for.

The description is made to the shape of the public one, for messages and calls; see its own words in
``tests/data/twilio``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

FILE = Path(__file__).resolve().parents[1] / "data" / "twilio" / "messages_and_calls.json"
HOST = "https://api.twilio.com"


@cache
def description() -> OpenAPI:
    return OpenAPI.from_dict(json.loads(FILE.read_text(encoding="utf-8")))


def _fields(resource: str) -> set[str]:
    """What can be posted to ``Messages.json`` or ``Calls.json``."""
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    operation = paths.get(f"/2010-04-01/Accounts/{{AccountSid}}/{resource}", {}).get("post")
    if operation is None:
        return set()
    (content,) = operation["requestBody"]["content"].values()
    return set(content["schema"]["properties"])


class _Request:
    """A request as the library wants it."""

    def __init__(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
        self.host_url, self.path, self.method = HOST, path, method.lower()
        self.content_type = headers.get("content-type", "").partition(";")[0]
        self.body = body or None
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(query, keep_blank_values=True)), header=Headers(headers)
        )


def problem_with(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> str:
    """What the description does not allow about a request; "" where it is as it asks for.

    Args:
        headers: names in lower case.
    """
    names = {name for name, _ in parse_qsl(body.decode(), keep_blank_values=True)}
    unknown = names - _fields(path.rpartition("/")[2])
    if unknown:  # the library reads those that it knows, and leaves out the others
        return f"unknown fields: {sorted(unknown)}"
    try:
        description().validate_request(_Request(method, path, query, headers, body))
    except OpenAPIError as error:
        return f"{type(error).__name__}: {error}: {error.__cause__ or ''}"
    return ""
