"""The parts of the escalation dialog: what can be chosen (pure), its two fields, and their lists.

EscalationChoices -> choices.search / reach_words -> RecipientsField, MessageField -> Level, text, Recipients
"""

from app.ui.escalation.choices import EscalationChoices, choices_of
from app.ui.escalation.pick_list import PaintFace

__all__ = ["EscalationChoices", "PaintFace", "choices_of"]
