"""Every limit the rules know, in one place. The server enforces them, the client shows them."""

from __future__ import annotations

MESSAGE_CHARS = 50
"""Characters of an escalation's message, after NFC."""
RECENT_PHRASES = 5
"""How many of a person's own distinct escalation messages are offered again."""
CHAT_CHARS = 4_000
CONVERSATION_TAIL = 50
"""Messages of a conversation that a client holds; older ones are asked for."""
PAGE = 50
"""Messages a history or search page holds."""
SEARCH_CHARS = 100
RECIPIENTS = 500
"""People and groups named in one escalation or message."""
LINE_CHARS = 1_600
"""Characters of a text message to a customer, which is what gateways take."""
LINE_TAIL = 8
"""Messages of a conversation with a customer that everybody in the space holds; older ones are asked for."""
INBOX_OPEN, INBOX_RESOLVED = 300, 30
"""Conversations with customers that everybody in the space holds: not resolved, and resolved last."""
MEDIA = 10
"""Files that come with one message of a customer."""
HANDLE_CHARS = 32
NAME_CHARS = 60
GRACE = 120.0
"""s; a lost connection holds a raised hand so long."""
REDS, REDS_WITHIN = 5, 60.0
"""Red escalations that one person may raise within so many s."""
RED_AGAIN = 10.0
"""s after a red escalation in which another one is asked about first."""
PRIORITY_PEOPLE = 100
"""People that one priority message calls."""
PRIORITIES, PRIORITIES_WITHIN = 5, 60.0
"""Priority messages that one person may send within so many s."""
PRIORITIES_KEPT = 100
"""Priority messages of one's own whose way is followed, as many as can be sent in 20 minutes; also the most
that call one person."""
ESCALATE_CONTACTS = 10
"""Contacts that one's own priority message is sent to by hand at a time."""
PURSUE_AGAIN = 60.0
"""s after which the same may be done again by hand for the same people."""
PASSWORD_MIN, PASSWORD_MAX = 10, 1_024
"""Characters."""
MOVES_PER_SECOND = 10
PERSONAL_SPACE = 40
"""px between two avatars' centres below which they overlap."""
EASY_DISTANCE = 64
"""px between two avatars' centres from which both names can be read."""
CLIENT_FRAME_BYTES = 65_536
SERVER_FRAME_BYTES = 64 * 1024 * 1024
"""A snapshot of a full space with its history fits; a client refuses more."""
HEARTBEAT = 5.0
"""s between beats."""
ANSWER_AFTER = 7.0
"""s after which a beat without an answer shows a link that is dead in one direction at least: the next beat
is due by then, and a server that waits for its locked store has had its 5 s."""
DEAD_AFTER = 12.0
"""s of silence after which a peer counts as dead; P5 allows 15 from the fault to the screen."""
