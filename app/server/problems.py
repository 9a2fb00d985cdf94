"""Refusals as HTTP answers: problem details (RFC 9457) with the codes and sentences that clients get too."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import hdrs, web

from app.core.errors import Code, Fields, Refusal, sentence

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[Code, HTTPStatus] = {
    Code.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    Code.TOKEN_WRONG: HTTPStatus.UNAUTHORIZED,
    Code.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Code.BAD_FRAME: HTTPStatus.BAD_REQUEST,
    Code.OUT_OF_TURN: HTTPStatus.BAD_REQUEST,
    Code.WRONG_CREDENTIALS: HTTPStatus.UNAUTHORIZED,
    Code.SIGNED_OUT: HTTPStatus.UNAUTHORIZED,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.UNKNOWN_CONVERSATION: HTTPStatus.NOT_FOUND,
    Code.NOT_YOURS: HTTPStatus.FORBIDDEN,
    Code.ALREADY_RAISED: HTTPStatus.CONFLICT,
    Code.ESCALATION_OVER: HTTPStatus.CONFLICT,
    Code.NOT_IN_SPACE: HTTPStatus.CONFLICT,
    Code.IN_MEETING_ROOM: HTTPStatus.CONFLICT,
    Code.RAISE_IN_MEETING_ROOM: HTTPStatus.CONFLICT,
    Code.NO_WAY: HTTPStatus.CONFLICT,
    Code.ID_REUSED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.TOO_MANY_REDS: HTTPStatus.TOO_MANY_REQUESTS,
    Code.TOO_MANY_ATTEMPTS: HTTPStatus.TOO_MANY_REQUESTS,
    Code.TOO_FAST: HTTPStatus.TOO_MANY_REQUESTS,
    Code.SERVER_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.SERVER_STOPPING: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.STORE_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""What is not here is a request that was understood and cannot be done as it is: 422."""

OF_SOMEBODY: Mapping[Code, str] = {
    Code.ALREADY_RAISED: "This person's hand is already raised.",
    Code.TOO_MANY_REDS: "This person has called for help several times within a minute, and the calls go on.",
    Code.OWN_HAND: "This is the person's own hand.",
    Code.NOT_A_RECIPIENT: "This person was not asked, so there is nothing to decline.",
    Code.IN_MEETING_ROOM: "This person is in a meeting room.",
    Code.RAISE_IN_MEETING_ROOM: "This person is in a meeting room, where a hand cannot be raised.",
    Code.NOT_IN_SPACE: "This person is not in the space just now.",
}
"""What a program is told, which acts for somebody, where the person would be told of "you"."""


def problem(
    status: int, detail: str, code: str = "", retry_after: int | None = None, fields: Fields | None = None
) -> web.Response:
    """An error as an answer.

    Args:
        detail: a sentence for a person.
        code: for a program, where there is one.
        retry_after: s until trying again makes sense.
        fields: what the sentence was filled with.
    """
    body: dict[str, Any] = {
        "type": f"urn:handraise:{code}" if code else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }
    if code:
        body |= {"code": code, "fields": fields or {}}
    headers = {} if retry_after is None else {hdrs.RETRY_AFTER: str(retry_after)}
    return web.Response(
        body=msgspec.json.encode(body), status=int(status), content_type=MEDIA_TYPE, headers=headers
    )


def status_of(code: Code) -> HTTPStatus:
    return STATUS.get(code, HTTPStatus.UNPROCESSABLE_ENTITY)


def refusal_response(refusal: Refusal) -> web.Response:
    """The same refusal that a client would get, for a program."""
    status, seconds = status_of(refusal.code), refusal.fields.get("seconds")
    wait = seconds if isinstance(seconds, int) else None
    if wait is None and status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        wait = 1
    words = OF_SOMEBODY.get(refusal.code) or sentence(refusal)
    response = problem(status, words, refusal.code, wait, refusal.fields)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return response
