"""What people in the sample contact center say."""

from __future__ import annotations

RED = (
    "Customer asks for a manager, line 3",
    "Refund above my limit",
    "Caller threatens legal action",
    "Medical emergency on the line",
    "Angry customer, third call today",
    "Needs approval: cancel 40 licences",
)
RED_JA = (
    "責任者に代わってほしいとのことです",
    "返金の上限を超えています",
    "三度目のお電話でお怒りです",
    "個人情報の件、至急お願いします",
)
YELLOW = (
    "Which form for a name change?",
    "Contract 4471: who knows it?",
    "Screen share does not start",
    "Does anyone speak Portuguese?",
    "",
    "",
)
YELLOW_JA = ("住所変更の書式はどれですか", "見積書の出し方を教えてください", "")

CHAT = (
    "Is the billing system slow for you too?",
    "The new price list is in the folder.",
    "I can take the next callback.",
    "Queue is at 12, please stay logged in.",
    "Coffee in ten minutes?",
    "Customer 8812 called back and says thanks!",
    "Could you look at ticket 30917 when you have a minute?",
    "Router firmware 4.2 fixes the dropouts, tell people to restart it twice.",
    "I'm swapping my late shift on Thursday, anyone?",
    "The German template has a typo in the second line.",
)
CHAT_JA = (
    "請求システム、少し重くないですか。",
    "新しい料金表をフォルダに入れました。",
    "次の折り返しは私がかけます。",
    "待ち呼が12件です。よろしくお願いします。",
    "あとで5分いいですか。",
    "お客様番号8812の方からお礼のお電話がありました。",
    "休憩、先にいただきます。",
    "木曜の遅番、代わってもらえませんか。",
)
OFFER = (
    "Coming over, keep them on the line.",
    "I know this one. What is the contract number?",
    "How can I help?",
)
OFFER_JA = ("今行きます。そのままお待ちください。", "どうしましたか。", "契約番号を教えてもらえますか。")
THANKS = ("Thanks! They want to cancel.", "Thank you, that was it.", "Got it, thanks a lot.")
THANKS_JA = ("ありがとうございます。助かりました。", "解決しました。ありがとうございました。")
TO_TEAM = (
    "Reminder: outage in the north since 9:40, use macro 7.",
    "Please log refunds before noon today.",
    "Team lunch is on Friday.",
)
TO_TEAM_JA = ("本日の朝礼は9時45分からです。", "障害情報を更新しました。確認をお願いします。")

TEXTS = (
    "Where is my order 8812? I leave tomorrow.",
    "My invoice shows the old address.",
    "The router blinks red again since this morning.",
    "Can I still change my appointment on Friday?",
    "I was charged twice, please call me back.",
    "荷物がまだ届きません。いつ届きますか。",
)
"""What customers text."""
ANSWERS = ("Thank you, that helps!", "Great, thanks.", "OK. Can you send it by mail as well?")
DUTY_NOTES = ("I called them back, it is settled.", "Saw it, I call them at noon.")
"""What the duty phone answers to a text that was forwarded to it."""
