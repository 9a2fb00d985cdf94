"""The description of the HTTP API (OpenAPI 3.1): made from the types that requests are read with."""

from __future__ import annotations

from typing import Any

import msgspec

from app.server.api.documents import (
    EscalationDocument,
    EscalationMessage,
    EscalationsDocument,
    LineMessage,
    PriorityMessage,
    ProblemDocument,
    StepMessage,
    TrialMessage,
)
from app.server.api.requests import AnswerRequest, EndRequest, RaiseRequest

VERSION = "1.0.0"
ABOUT = """\
Raise, answer and end escalations from a phone system or a CRM.

Each request brings the token of an integration, which an admin makes. It acts in one space and may do
what the admin allowed. Rules are those of the program: a person must be in the space, and has one hand.

A request with an `Idempotency-Key` counts once within two days: sent again, it gets the same answer, with
`Idempotency-Replayed: true`. The same key with another request is refused (422).

Errors are problem details (RFC 9457) with a `code` for programs. 429 and 503 say with `Retry-After` when to
come back. New fields may be added to answers and messages; those that are there stay."""

_MESSAGES = (EscalationMessage, PriorityMessage, LineMessage, TrialMessage, StepMessage)
_TYPES = (
    *_MESSAGES,
    EscalationDocument,
    EscalationsDocument,
    ProblemDocument,
    RaiseRequest,
    AnswerRequest,
    EndRequest,
)
Json = dict[str, Any]


def _ref(kind: type) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _content(kind: type, media: str = "application/json") -> Json:
    return {media: {"schema": _ref(kind)}}


def _problem(words: str) -> Json:
    return {"description": words, "content": _content(ProblemDocument, "application/problem+json")}


_PROBLEMS: Json = {
    "400": _problem("The request cannot be understood."),
    "401": _problem("The token is missing, wrong, or was revoked."),
    "403": _problem("The integration may not do that."),
    "404": _problem("There is no such escalation in the integration's space."),
    "409": _problem("It cannot be done as things are: the hand is raised already, or lowered."),
    "413": _problem("The body is too large."),
    "415": _problem("The body is not application/json."),
    "422": _problem("It was understood and cannot be done, or the key was used for another request."),
    "429": _problem("Too many requests."),
    "500": _problem("Something went wrong on the server."),
    "503": _problem("The server cannot do it now."),
}
_READING = ("401", "403", "404", "429", "500", "503")

_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Chosen by the caller, another one for each thing that is to happen.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
}
_ESCALATION: Json = {
    "name": "escalation",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
}


def _reading(name: str, summary: str, kind: type, *parameters: Json) -> Json:
    good = {"description": summary, "content": _content(kind)}
    problems = {status: _PROBLEMS[status] for status in _READING}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": good, **problems},
    }


def _doing(name: str, summary: str, kind: type, status: str, *parameters: Json) -> Json:
    good: Json = {"description": "The escalation as it is then.", "content": _content(EscalationDocument)}
    good["headers"] = {
        "Idempotency-Replayed": {
            "description": "`true`: this was answered before.",
            "schema": {"type": "string", "const": "true"},
        }
    }
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [_KEY, *parameters],
        "requestBody": {"required": True, "content": _content(kind)},
        "responses": {status: good, **_PROBLEMS},
    }


def _paths() -> Json:
    one = "/api/v1/escalations/{escalation}"
    return {
        "/api/v1/escalations": {
            "get": _reading("listEscalations", "Open escalations", EscalationsDocument),
            "post": _doing("raiseEscalation", "Raise somebody's hand", RaiseRequest, "201"),
        },
        one: {"get": _reading("getEscalation", "One escalation", EscalationDocument, _ESCALATION)},
        one + "/answers": {
            "post": _doing("answerEscalation", "Answer an escalation", AnswerRequest, "200", _ESCALATION)
        },
        one + "/end": {"post": _doing("endEscalation", "End an escalation", EndRequest, "200", _ESCALATION)},
    }


def _webhooks() -> Json:
    told = {"oneOf": [_ref(kind) for kind in _MESSAGES]}
    return {
        "message": {
            "post": {
                "summary": "What a webhook is told",
                "description": "Signed as Standard Webhooks says (`webhook-id`, `webhook-timestamp`, "
                "`webhook-signature`), in the order in which it happened. Any 2xx takes it; 410 ends it. "
                "What was not taken comes again with the same `webhook-id`. While a new secret replaces an "
                "old one, both sign: `webhook-signature` has several signatures, with blanks between.",
                "requestBody": {"required": True, "content": {"application/json": {"schema": told}}},
                "responses": {"2XX": {"description": "Taken."}},
            }
        }
    }


def _described() -> Json:
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Handraise", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": _paths(),
        "webhooks": _webhooks(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


OPENAPI = msgspec.json.encode(_described())
