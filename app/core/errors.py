"""One table: refusal code <-> exception <-> sentence for a person.

The server sends the code and the fields; whoever shows it fills the sentence in its own language
(``N_`` only marks the literals for the catalogue).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

from app.core.model import Frozen


def N_(message: str) -> str:
    """Mark a sentence for the message catalogues; it is translated where it is shown."""
    return message


class Code(enum.StrEnum):
    # What a person asked for
    MESSAGE_TOO_LONG = "message_too_long"
    CONTROL_CHARACTERS = "control_characters"
    EMPTY_MESSAGE = "empty_message"
    NO_RECIPIENTS = "no_recipients"
    NOBODY_NOTIFIED = "nobody_notified"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_GROUP = "unknown_group"
    ALREADY_RAISED = "already_raised"
    TOO_MANY_REDS = "too_many_reds"
    ESCALATION_OVER = "escalation_over"
    NOT_YOURS = "not_yours"
    OWN_HAND = "own_hand"
    NOT_A_RECIPIENT = "not_a_recipient"
    IN_MEETING_ROOM = "in_meeting_room"
    RAISE_IN_MEETING_ROOM = "raise_in_meeting_room"
    NO_WAY = "no_way"
    WALL = "wall"
    NOT_IN_SPACE = "not_in_space"
    UNKNOWN_SEAT = "unknown_seat"
    SEAT_TAKEN = "seat_taken"
    UNKNOWN_CONVERSATION = "unknown_conversation"
    PRIORITY_DENIED = "priority_denied"
    PRIORITY_TO_ALL = "priority_to_all"
    PRIORITY_TOO_MANY = "priority_too_many"
    TOO_MANY_PRIORITIES = "too_many_priorities"
    PHONES_DENIED = "phones_denied"
    PRIORITY_OVER = "priority_over"
    NOTHING_TO_DO = "nothing_to_do"
    NO_PHONE_REACHED = "no_phone_reached"
    JUST_DONE = "just_done"
    FORWARD_KNOWS = "forward_knows"
    NOT_FOUND = "not_found"
    ID_REUSED = "id_reused"
    # Policies
    POLICY_INVALID = "policy_invalid"
    POLICY_ASSIGNED = "policy_assigned"
    POLICY_MOVED = "policy_moved"
    TOO_MANY_POLICIES = "too_many_policies"
    # Phones and contacts
    PHONE_INVALID = "phone_invalid"
    PHONE_NOT_ALLOWED = "phone_not_allowed"
    ADDRESS_INVALID = "address_invalid"
    ADDRESS_NOT_HTTPS = "address_not_https"
    SECRET_INVALID = "secret_invalid"
    NAME_MISSING = "name_missing"
    TOO_MANY_CONTACTS = "too_many_contacts"
    NO_PHONES = "no_phones"
    NOT_YOURSELF = "not_yourself"
    EXPORT_TOO_LARGE = "export_too_large"
    NO_NUMBER = "no_number"
    CODE_WRONG = "code_wrong"
    CODE_OVER = "code_over"
    TOO_MANY_CODES = "too_many_codes"
    UNKNOWN_ZONE = "unknown_zone"
    # Integrations and webhooks
    NO_EVENTS = "no_events"
    NOTHING_ALLOWED = "nothing_allowed"
    METRICS_ALONE = "metrics_alone"
    LIMIT_REACHED = "limit_reached"
    WEBHOOK_OFF = "webhook_off"
    TOKEN_WRONG = "token_wrong"
    NOT_ALLOWED = "not_allowed"
    BAD_REQUEST = "bad_request"
    # Why something was not sent, or did not arrive
    QUIET_HOURS = "quiet_hours"
    CAP_TARGET = "cap_target"
    CAP_PERSON = "cap_person"
    CAP_SERVER = "cap_server"
    CONTACT_GONE = "contact_gone"
    STEP_OVER = "step_over"
    PHONE_BUSY = "phone_busy"
    PHONE_UNANSWERED = "phone_unanswered"
    PHONE_MACHINE = "phone_machine"
    NOT_DELIVERED = "not_delivered"
    NUMBER_UNKNOWN = "number_unknown"
    PHONE_OFF = "phone_off"
    PHONE_BLOCKS = "phone_blocks"
    PHONE_NO_TEXTS = "phone_no_texts"
    TEXT_FILTERED = "text_filtered"
    COUNTRY_CLOSED = "country_closed"
    GATEWAY_DOWN = "gateway_down"
    GATEWAY_REFUSED = "gateway_refused"
    GATEWAY_BUSY = "gateway_busy"
    # Lines
    OPTED_OUT = "opted_out"
    NUMBER_NEEDED = "number_needed"
    OWN_LINE = "own_line"
    HOOK_DOWN = "hook_down"
    HOOK_REFUSED = "hook_refused"
    HOOK_FORBIDDEN = "hook_forbidden"
    # Signing in and the connection
    WRONG_CREDENTIALS = "wrong_credentials"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    SIGNED_OUT = "signed_out"
    SESSION_REUSED = "session_reused"
    WRONG_PASSWORD = "wrong_password"
    PASSWORD_SHORT = "password_short"
    PASSWORD_LONG = "password_long"
    PASSWORD_GUESSABLE = "password_guessable"
    PASSWORD_SAME = "password_same"
    NO_PASSWORD = "no_password"
    PROVIDER_DOWN = "provider_down"
    PROVIDER_DENIED = "provider_denied"
    PROVIDER_WRONG = "provider_wrong"
    SIGN_IN_OVER = "sign_in_over"
    NOT_ADMITTED = "not_admitted"
    NO_SPACE = "no_space"
    PROTOCOL_VERSION = "protocol_version"
    BAD_FRAME = "bad_frame"
    OUT_OF_TURN = "out_of_turn"
    TOO_FAST = "too_fast"
    TOO_SLOW = "too_slow"
    SERVER_FULL = "server_full"
    ADDRESS_FULL = "address_full"
    SPACE_FULL = "space_full"
    TOO_MANY_MACHINES = "too_many_machines"
    SERVER_STOPPING = "server_stopping"
    STORE_FAILED = "store_failed"
    STORE_UNREAD = "store_unread"
    INTERNAL = "internal"


CAPS = frozenset({Code.CAP_TARGET, Code.CAP_PERSON, Code.CAP_SERVER})
"""A limit of texts and calls per hour was reached."""

SENTENCES: Mapping[Code, str] = {
    Code.MESSAGE_TOO_LONG: N_("The message is longer than {limit} characters."),
    Code.CONTROL_CHARACTERS: N_("The message contains characters that cannot be shown."),
    Code.EMPTY_MESSAGE: N_("There is nothing to send yet."),
    Code.NO_RECIPIENTS: N_("Choose who is to be notified."),
    Code.NOBODY_NOTIFIED: N_("The chosen groups have no members besides you."),
    Code.TOO_MANY_RECIPIENTS: N_("At most {limit} recipients can be chosen."),
    Code.UNKNOWN_PERSON: N_("One of the chosen people is no longer in this space."),
    Code.UNKNOWN_GROUP: N_("One of the chosen groups no longer exists."),
    Code.ALREADY_RAISED: N_("Your hand is already raised."),
    Code.TOO_MANY_REDS: N_(
        "You have called for help several times within a minute, and the calls go on. "
        "You can call again in {seconds} s."
    ),
    Code.ESCALATION_OVER: N_("This hand has been lowered."),
    Code.NOT_YOURS: N_("Only the person who raised a hand can lower it."),
    Code.OWN_HAND: N_("This is your own hand."),
    Code.NOT_A_RECIPIENT: N_("You were not asked, so there is nothing to decline."),
    Code.IN_MEETING_ROOM: N_("Leave the meeting room first."),
    Code.RAISE_IN_MEETING_ROOM: N_("A hand cannot be raised in a meeting room. Leave the room first."),
    Code.NO_WAY: N_("There is no free place next to {name} that you can walk to."),
    Code.WALL: N_("Nobody can stand there."),
    Code.NOT_IN_SPACE: N_("You are not in this space."),
    Code.UNKNOWN_SEAT: N_("This seat does not exist."),
    Code.SEAT_TAKEN: N_("This seat is somebody else's home."),
    Code.UNKNOWN_CONVERSATION: N_("This conversation does not exist."),
    Code.PRIORITY_DENIED: N_(
        "You may not send priority messages here. Send it without priority, or ask your admin."
    ),
    Code.PRIORITY_TO_ALL: N_("A priority message calls people: name them, or a group, not @all or @here."),
    Code.PRIORITY_TOO_MANY: N_("A priority message can call {limit} people at most."),
    Code.TOO_MANY_PRIORITIES: N_(
        "You have sent several priority messages within a minute. You can send the next one in {seconds} s."
    ),
    Code.PHONES_DENIED: N_("You may not have messages sent to phones. Ask your admin."),
    Code.PRIORITY_OVER: N_("This message has been answered already."),
    Code.NOTHING_TO_DO: N_("Choose what is to be done."),
    Code.NO_PHONE_REACHED: N_("Nobody who has not read it can be reached by phone now."),
    Code.JUST_DONE: N_("This was done less than a minute ago. Please wait {seconds} s."),
    Code.FORWARD_KNOWS: N_("{name} has this message already."),
    Code.NOT_FOUND: N_("This does not exist, or is not for you."),
    Code.ID_REUSED: N_("This was already sent with other content."),
    Code.PHONE_INVALID: N_(
        "This is not a phone number. Write it with its country code, such as +81 90 1234 5678."
    ),
    Code.PHONE_NOT_ALLOWED: N_("This server does not call or text numbers of this kind."),
    Code.ADDRESS_INVALID: N_("This address is not understood."),
    Code.ADDRESS_NOT_HTTPS: N_("The address must begin with https://."),
    Code.SECRET_INVALID: N_(
        "What stands after # is not a secret: that is whsec_ and 24 to 64 random bytes in Base64."
    ),
    Code.POLICY_INVALID: N_("This policy cannot be saved as it is."),
    Code.POLICY_ASSIGNED: N_("This policy is run for somebody. Choose another one for them first."),
    Code.POLICY_MOVED: N_(
        "Somebody else has just changed which policy is run for whom. "
        "Look at it, and save again if you still want to."
    ),
    Code.TOO_MANY_POLICIES: N_("There can be at most {limit} policies."),
    Code.NAME_MISSING: N_("A name is needed."),
    Code.TOO_MANY_CONTACTS: N_("There can be at most {limit} contacts."),
    Code.NOT_YOURSELF: N_("You cannot erase yourself. Another admin can."),
    Code.EXPORT_TOO_LARGE: N_(
        "This is too much to be sent. It can be exported at the server: handraise admin export-person."
    ),
    Code.NO_PHONES: N_("This server cannot call or send text messages yet. Please ask your admin."),
    Code.NO_NUMBER: N_("There is no verified phone number."),
    Code.CODE_WRONG: N_("This is not the code. Attempts left: {left}."),
    Code.CODE_OVER: N_("This code is no longer valid. Please ask for another one."),
    Code.TOO_MANY_CODES: N_("Too many text messages were asked for. Try again in {minutes} min."),
    Code.UNKNOWN_ZONE: N_("This time zone is not known."),
    Code.NO_EVENTS: N_("Choose at least one event."),
    Code.NOTHING_ALLOWED: N_("Choose what it may do."),
    Code.METRICS_ALONE: N_(
        "Figures of the whole server are for an integration that may do nothing else. Everything else needs "
        "a space."
    ),
    Code.LIMIT_REACHED: N_("There can be at most {limit} of these."),
    Code.WEBHOOK_OFF: N_("This webhook is off. Turn it on first."),
    Code.TOKEN_WRONG: N_("The token is missing, wrong, or was revoked."),
    Code.NOT_ALLOWED: N_("This integration may not do that."),
    Code.BAD_REQUEST: N_("The request cannot be understood: {reason}."),
    Code.QUIET_HOURS: N_("These are quiet hours."),
    Code.CAP_TARGET: N_("This number has reached its limit of texts and calls per hour."),
    Code.CAP_PERSON: N_("This person has reached their limit of texts and calls per hour."),
    Code.CAP_SERVER: N_("The server has reached its limit of texts and calls per hour."),
    Code.CONTACT_GONE: N_("This contact was deleted."),
    Code.STEP_OVER: N_("The next step came first."),
    Code.PHONE_BUSY: N_("The line was busy."),
    Code.PHONE_UNANSWERED: N_("Nobody picked up."),
    Code.PHONE_MACHINE: N_("An answering machine picked up."),
    Code.NOT_DELIVERED: N_("It could not be delivered."),
    Code.NUMBER_UNKNOWN: N_("There is no such number."),
    Code.PHONE_OFF: N_("The phone is off or out of reach."),
    Code.PHONE_BLOCKS: N_("The phone takes nothing from this sender."),
    Code.PHONE_NO_TEXTS: N_("This number takes no text messages."),
    Code.TEXT_FILTERED: N_("The carrier held it back as unwanted."),
    Code.COUNTRY_CLOSED: N_("The phone gateway does not reach this country or carrier."),
    Code.GATEWAY_DOWN: N_("The phone gateway does not answer."),
    Code.GATEWAY_REFUSED: N_("The phone gateway refused it."),
    Code.OPTED_OUT: N_("This customer has asked for no more texts (STOP), so nothing can be sent to them."),
    Code.GATEWAY_BUSY: N_("The phone gateway takes no more at the moment."),
    Code.NUMBER_NEEDED: N_("Write the number of the cell phone that messages are to be forwarded to."),
    Code.OWN_LINE: N_("This is the number of a line. Messages cannot be forwarded to it."),
    Code.HOOK_DOWN: N_("The webhook does not answer."),
    Code.HOOK_REFUSED: N_("The webhook refused it."),
    Code.HOOK_FORBIDDEN: N_("This server does not send to that address."),
    Code.WRONG_CREDENTIALS: N_("The handle or the password is wrong."),
    Code.TOO_MANY_ATTEMPTS: N_("Too many attempts. Try again in {seconds} s."),
    Code.SIGNED_OUT: N_("You were signed out. Please sign in again."),
    Code.SESSION_REUSED: N_(
        "For your safety you were signed out here: an outdated copy of this machine's sign-in was used. Sign "
        "in again. If that was not you, also change your password."
    ),
    Code.WRONG_PASSWORD: N_("The present password is wrong."),
    Code.PASSWORD_SHORT: N_("A password has at least {limit} characters."),
    Code.PASSWORD_LONG: N_("A password has at most {limit} characters."),
    Code.PASSWORD_GUESSABLE: N_(
        "This password is easy to guess. Do not use your handle, your name, or a row of characters."
    ),
    Code.PASSWORD_SAME: N_("The new password is the old one."),
    Code.NO_PASSWORD: N_("You sign in through your company. There is no password to change here."),
    Code.PROVIDER_DOWN: N_("{name} does not answer the server. Please try again in a moment."),
    Code.PROVIDER_DENIED: N_("{name} did not confirm who you are. Please try again."),
    Code.PROVIDER_WRONG: N_("The answer of {name} could not be trusted. Please tell your admin."),
    Code.SIGN_IN_OVER: N_("Signing in took too long, or was already done. Please start again."),
    Code.NOT_ADMITTED: N_(
        "{name} knows you, but you have no access to this server. Please ask your admin for it."
    ),
    Code.NO_SPACE: N_("You are not a member of any space on this server. Ask your admin."),
    Code.PROTOCOL_VERSION: N_(
        "This program speaks version {ours} and the server version {theirs}. Please update the older one."
    ),
    Code.BAD_FRAME: N_("The other side sent something that could not be understood."),
    Code.OUT_OF_TURN: N_("The other side sent something at the wrong moment."),
    Code.TOO_FAST: N_("Too many requests. Please wait a moment."),
    Code.TOO_SLOW: N_("The connection could not keep up and is being renewed."),
    Code.SERVER_FULL: N_("The server has no room for more connections just now."),
    Code.ADDRESS_FULL: N_("Too many connections come from your network just now."),
    Code.SPACE_FULL: N_("This space is full: {limit} people are in it. There is room when somebody leaves."),
    Code.TOO_MANY_MACHINES: N_(
        "You are here on {limit} machines already, which is as many as can be. Close the program on one of "
        "them."
    ),
    Code.SERVER_STOPPING: N_("The server is restarting."),
    Code.STORE_FAILED: N_(
        "The server could not save this ({reason}). Nothing was changed; please try again."
    ),
    Code.STORE_UNREAD: N_(
        "The server could not read what is needed for this ({reason}). Nothing was changed; please try again."
    ),
    Code.INTERNAL: N_("Something went wrong on the server. Nothing was changed."),
}

Fields = dict[str, str | int]


class Refusal(Frozen):
    """A "no" as a value: what :func:`app.core.decide.decide` returns and the wire carries."""

    code: Code
    fields: Fields = msgspec.field(default_factory=dict)


def refuse(code: Code, **fields: str | int) -> Refusal:
    return Refusal(code, fields)


def sentence(refusal: Refusal) -> str:
    """The English sentence; the window fills the translated template itself."""
    return SENTENCES[refusal.code].format_map(_Blank(refusal.fields))


class Refused(Exception):  # noqa: N818 - a refusal is an outcome, not a fault
    """A refusal on its way up a call stack."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(sentence(refusal))
        self.refusal = refusal

    @classmethod
    def of(cls, code: Code, **fields: str | int) -> Refused:
        return cls(Refusal(code, fields))


class _Blank(dict[str, str | int]):
    """A missing field shows as an ellipsis; a sentence must never fail to appear."""

    def __missing__(self, key: str) -> str:
        return "…"
