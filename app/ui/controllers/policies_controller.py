"""The window of policies: what is chosen, changed, saved; and what is done when two change the same one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.errors import Code, Refused
from app.core.model import Role
from app.core.policy import CaseKind, Policy, PolicyId
from app.core.policy_questions import Policies
from app.net.problems import ConnectionProblem
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Spawn, failure_words
from app.ui.controllers.contacts_controller import ContactsController
from app.ui.controllers.policy_conflict import PolicyConflict, fresh_id
from app.ui.controllers.policy_saver import Faster, Moved, PolicySaver
from app.ui.controllers.trial_controller import TrialController
from app.ui.i18n import tr
from app.ui.models.rows import RowModel
from app.ui.panels.look import Look
from app.ui.policies.choices import choices_of
from app.ui.policies.draft import Draft, Edit, edit_of, replace
from app.ui.policies.overview import STANDARD, Overview
from app.ui.policies.policy_rows import KindRow, PolicyRow, policy_name
from app.ui.policies.run_for import saved_words
from app.ui.policies.window import PolicyWindow
from app.ui.port import ClientPort
from app.ui.question import ask
from app.ui.widgets import Tone

SUPERVISING = (Role.SUPERVISOR, Role.ADMIN)
FAILED = (Refused, ConnectionProblem)
Then = Callable[[], None]


class PoliciesController(QObject):
    """Attributes:
    window: the one that is open.
    draft: the policy that is shown in it.
    test: a policy that is being tried.

    Signals:
        keys_wanted: the window over which the sheet of all keys is to be shown.
    """

    keys_wanted = Signal(QWidget)

    def __init__(self, client: ClientPort, bridge: Bridge, look: Look, spawn: Spawn, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._look, self._spawn = client, look, spawn
        self._server: PolicySaver | None = None
        self._overview = Overview()
        self.test = TrialController(client, bridge, spawn, self)
        self.test.told.connect(self._test_told)
        self._contacts = ContactsController(client, look, spawn, self)
        self._contacts.changed.connect(lambda: self._spawn(self._load(), "list the policies"))
        self._conflict: PolicyConflict | None = None
        self._model: RowModel[KindRow | PolicyRow] = RowModel(self)
        self._busy = self._closing = self._loaded = False
        self.window: PolicyWindow | None = None
        self.draft: Draft | None = None
        bridge.replaced.connect(self._space_replaced)
        bridge.directory_changed.connect(self._refresh)
        bridge.occupants_changed.connect(self._refresh)

    @property
    def allowed(self) -> bool:
        """Who is signed in may see and change them."""
        person = self._client.person
        return person is not None and person.role in SUPERVISING

    @property
    def holds_words(self) -> bool:
        """Something is written here that is not saved."""
        return self.draft is not None and self._editable and self.draft.changed

    @property
    def _editable(self) -> bool:
        return self.draft is not None and self.draft.id not in STANDARD

    # Opening and closing

    def open(self, parent: QWidget) -> None:
        space = self._client.space
        if space is None or not self.allowed:
            return
        if self.window is not None:
            self.window.raise_()
            self.window.activateWindow()
            return
        self._server = PolicySaver(self._client, space.space.id)
        self._overview = Overview()
        self._closing = self._busy = self._loaded = False
        window = self.window = PolicyWindow(
            self._model, self._look, space.space.name, self._may_close, parent
        )
        self._connect(window)
        self._show_draft(None)
        window.show()
        window.focus_list()
        self._spawn(self._load(), "list the policies")

    def _connect(self, window: PolicyWindow) -> None:
        window.chosen.connect(self._choose)
        window.new_wanted.connect(self._new)
        window.contacts_wanted.connect(self._open_contacts)
        window.save_wanted.connect(lambda: self.save())
        window.discard_wanted.connect(self._discard)
        window.delete_wanted.connect(self._ask_to_delete)
        window.looked_at.connect(self._look_again)
        window.keys_wanted.connect(lambda: self.keys_wanted.emit(window))
        window.editor.edited.connect(self._edited)
        window.editor.copy_wanted.connect(self._copy)
        window.preview.changed.connect(self._play)
        window.preview.test_wanted.connect(self._try)
        window.conflict.take_theirs.connect(self._give_way)
        window.conflict.save_mine.connect(self._save_over)
        window.conflict.go_on.connect(self._go_on)
        window.finished.connect(self._closed)

    def _open_contacts(self) -> None:
        if self.window is not None and self._server is not None:
            self._contacts.open(self.window, self._server.space, self._all_policies)

    def _all_policies(self) -> list[Policy]:
        return [stored.policy for stored in self._overview.policies.policies]

    def close(self) -> None:
        """Without a word: the desk goes, or another space is open."""
        self._closing = True
        if self.window is not None:
            self.window.close()

    def _may_close(self) -> bool:
        if self._closing or not self.holds_words:
            return True
        self.guard(self.close)
        return False

    def _closed(self) -> None:
        self.test.end()
        window, self.window, self.draft = self.window, None, None
        self._model.show(())
        if window is not None:
            window.deleteLater()

    def guard(self, then: Then) -> None:
        """``then``; first what is not saved is saved, or dropped, or it is not done at all."""
        window, draft = self.window, self.draft
        if window is None or draft is None or not self.holds_words:
            then()
            return

        def drop() -> None:
            self._discard()
            then()

        window.raise_()
        window.activateWindow()
        words = tr("“{name}” is changed and not saved.", name=policy_name(draft.policy))
        discard = (tr("Discard"), drop)
        tokens = self._look.theme.tokens
        ask(window, tr("Save the changes?"), words, tr("Save"), lambda: self.save(then), tokens, discard)

    # What the server has, and what the space is like

    def _space_replaced(self) -> None:
        space, server = self._client.space, self._server
        if self.window is None or server is None:
            return
        if space is None or space.space.id != server.space or not self.allowed:
            self.close()
        else:
            self._look_again()

    def _look_again(self) -> None:
        if self.window is not None and not self._busy and not self.holds_words:
            self._spawn(self._load(), "list the policies")

    async def _load(self) -> None:
        assert self._server is not None
        try:
            policies = await self._server.load()
        except FAILED as error:
            self._say(failure_words(error))
            return
        self._took(policies)

    def _took(self, policies: Policies) -> None:
        """As the server has them now; what is written here and not saved stays."""
        if self.window is None:
            return
        begun, self._loaded = self._loaded, True
        self._overview = Overview(policies, self._overview.choices)
        if self.draft is not None and not self.holds_words:
            stored = self._overview.stored(self.draft.id)
            if stored is None:
                self._show_draft(None)
            elif stored != self.draft.stored:
                self._show_draft(Draft(stored, stored))
        self._refresh()
        if not begun:
            self.window.focus_list(self._in_use())

    def _in_use(self) -> list[str]:
        return [row.key for row in self._model.rows if isinstance(row, PolicyRow) and row.used]

    # What is shown

    def _show_draft(self, draft: Draft | None) -> None:
        self.draft = draft
        window = self.window
        if window is None:
            return
        if draft is not None:
            window.editor.show_draft(draft, editable=self._editable)
        window.show_page(window.editor if draft is not None else None)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        """With the people as they are now."""
        space, window, draft = self._client.space, self.window, self.draft
        if space is None or window is None:
            return
        overview = Overview(self._overview.policies, choices_of(space, self._overview.policies))
        self._overview = overview
        if draft is not None:
            policy = draft.policy
            window.editor.set_choices(
                overview.choices, overview.other_names(policy), overview.standing(policy)
            )
            window.preview.set_choices(overview.choices, policy.kind)
            if not window.preview.first:
                window.preview.call_first(overview.usual_recipients())
        self._show_state()

    def _edited(self) -> None:
        self._say("")
        draft, window = self.draft, self.window
        if draft is not None and window is not None:
            window.preview.set_choices(self._overview.choices, draft.policy.kind)
        self._show_state()

    def _show_state(self) -> None:
        """The list, the foot and the preview."""
        window, draft = self.window, self.draft
        if window is None:
            return
        unsaved = self.holds_words
        if self._loaded:
            edited = draft.now if draft else None
            self._model.show(self._overview.rows(edited, draft.id if draft and unsaved else ""))
        if draft is not None:
            hindrance = self._overview.hindrance(draft.policy) or tr("Not saved yet")
            window.show_state(
                hindrance if unsaved else "",
                editable=self._editable,
                changed=unsaved,
                busy=self._busy,
                stored=draft.stored is not None,
            )
            self._play()

    def _play(self) -> None:
        window, draft = self.window, self.draft
        if window is not None and draft is not None:
            preview = window.preview
            moments = self._overview.played(draft.policy, preview.first, preview.scenario)
            preview.show_moments(moments, self._overview.choices.names)

    def _say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        if self.window is not None:
            self.window.say(words, tone)

    # What is chosen and changed

    def _choose(self, key: str) -> None:
        if self.draft is None or key != self.draft.id:
            self.guard(lambda: self._go_to(PolicyId(key)))

    def _go_to(self, policy: PolicyId) -> None:
        self._say("")
        stored = self._overview.stored(policy)
        self._show_draft(Draft(stored, stored) if stored is not None else None)
        if stored is None and self.window is not None:
            self.window.focus_list(self._in_use())

    def _new(self) -> None:
        kind = self.draft.policy.kind if self.draft is not None else CaseKind.ESCALATION
        self.guard(lambda: self._begin(Policy(fresh_id(), "", kind, version=0)))

    def _copy(self) -> None:
        """The built-in policy that is shown, to be changed."""
        if self.draft is not None:
            policy = self.draft.policy
            name = tr("{name} (copy)", name=policy_name(policy))
            self._begin(replace(policy, id=fresh_id(), name=name, version=0))

    def _begin(self, fresh: Policy) -> None:
        self._say("")
        self._show_draft(Draft(Edit(fresh), None))
        if self.window is not None:
            self.window.editor.name.setFocus()
            self.window.editor.name.selectAll()

    def _discard(self) -> None:
        if self.draft is not None:
            stored = self.draft.stored
            self._say("")
            self._show_draft(Draft(stored, stored) if stored is not None else None)

    # Trying

    def _try(self) -> None:
        """On oneself; or no longer."""
        draft, window, server = self.draft, self.window, self._server
        if self.test.running:
            self.test.end()
        elif draft is not None and window is not None and server is not None:
            hindrance = self._overview.hindrance(draft.policy)
            if hindrance:
                self._say(hindrance)
            else:
                self.test.offer(window, server.space, draft.policy, self._look.theme.tokens)

    def _test_told(self, words: str, running: bool, problem: bool) -> None:
        if self.window is not None:
            self.window.preview.show_test(words, running=running, problem=problem)

    # Saving

    def save(self, then: Then | None = None) -> None:
        """Store what was changed; ``then`` is called once it is stored."""
        draft, window = self.draft, self.window
        if draft is None or window is None or not self.holds_words or self._busy:
            return
        if window.page is not window.editor:
            return
        hindrance = self._overview.hindrance(draft.policy)
        if hindrance:
            self._say(hindrance)
            window.editor.show_trouble()
            return
        self._set_busy(True)
        self._spawn(self._save(draft, then), "save a policy")

    async def _save(self, draft: Draft, then: Then | None) -> None:
        assert self._server is not None
        wanted = draft.now
        try:
            stored = await self._server.save(draft.stored, wanted)
            if isinstance(stored, Edit):
                draft.based_on(stored)
            policies = await self._server.load()
            if isinstance(stored, Moved):
                draft.based_on(edit_of(stored.policy, policies.assignments))
        except FAILED as error:
            self._failed(error)
            return
        self._set_busy(False)
        if isinstance(stored, Faster):
            self._overview = Overview(policies, self._overview.choices)
            self._conflict = PolicyConflict(stored.theirs, policies)
            if self.window is not None:
                self._conflict.show(self.window, wanted, self._overview.choices.names)
            return
        self._took(policies)
        if isinstance(stored, Moved):
            self._say(failure_words(stored.refused))
            return
        self._say(*saved_words(wanted, self._overview.idle(wanted.policy)))
        if then is not None:
            then()

    def _failed(self, error: Refused | ConnectionProblem) -> None:
        self._set_busy(False)
        self._say(failure_words(error))
        if isinstance(error, Refused) and error.refusal.code is Code.POLICY_INVALID:
            self._spawn(self._load(), "list the policies")  # the space is not what it was

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._show_state()

    # Two who changed the same one

    def _give_way(self) -> None:
        if self._conflict is not None:
            self._show_draft(self._conflict.given_way())

    def _go_on(self) -> None:
        if self.draft is not None and self._conflict is not None:
            self._show_draft(self._conflict.gone_on(self.draft))

    def _save_over(self) -> None:
        self._go_on()
        self.save()

    # Deleting

    def _ask_to_delete(self) -> None:
        draft, window = self.draft, self.window
        if draft is None or window is None or draft.stored is None or not self._editable:
            return
        stored = draft.stored.policy
        name = policy_name(stored)
        words = tr("“{name}” is gone for everybody then. What runs by it now goes on.", name=name)
        tokens = self._look.theme.tokens
        ask(window, tr("Delete this policy?"), words, tr("Delete"), lambda: self._delete(stored), tokens)

    def _delete(self, policy: Policy) -> None:
        self._spawn(self._delete_now(policy), "delete a policy")

    async def _delete_now(self, policy: Policy) -> None:
        assert self._server is not None
        try:
            done = await self._server.delete(policy)
            policies = await self._server.load()
        except FAILED as error:
            self._failed(error)
            return
        self._show_draft(None)
        self._took(policies)
        if not done:
            self._say(tr("It was changed by somebody else just now, and is still there. Look at it again."))
