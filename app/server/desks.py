"""What supervisors and admins of a space ask for and change: each subject's desk, put together."""

from __future__ import annotations

from app.server.clock import Clock, Entropy
from app.server.contact_trial import ContactTrial
from app.server.permissions import PermissionDesk
from app.server.phones import Phones
from app.server.policies import PolicyDesk
from app.server.privacy import PrivacyDesk
from app.server.reports import Reports
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.server.trial_desk import TrialDesk


def register_desks(
    store: Store, spaces: Spaces, clock: Clock, entropy: Entropy, service: Service, phones: Phones
) -> None:
    """From now on they answer. ``phones``: what they can reach, and in which language phones are told."""
    own = phones.own
    policies = PolicyDesk(store, spaces, clock, phones.carriers)
    policies.register(service)
    TrialDesk(store, spaces, clock, entropy, policies, own.language).register(service)
    ContactTrial(store, spaces, clock, own.try_out).register(service)
    PermissionDesk(store, spaces, clock).register(service)
    PrivacyDesk(store, spaces, clock).register(service)
    Reports(store, spaces, clock.now).serve(service)
