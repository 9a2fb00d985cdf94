"""Who works in the sample contact center, and at which desk of the office map."""

from __future__ import annotations

from app.core.model import Frozen, Role

SPACE = "Osaka Support Floor"


class Part(Frozen):
    """Somebody who works here.

    Attributes:
        seat: name of the home seat on the map.
        japanese: speaks Japanese with colleagues who do, too.
    """

    handle: str
    name: str
    seat: str
    role: Role = Role.AGENT
    japanese: bool = False


AGENT = Part("mia", "Mia Young", "B2")
"""The person in front of the first window."""
SUPERVISOR = Part("sora", "青木 そら", "S3", Role.SUPERVISOR, japanese=True)
"""The person in front of the second window."""

COLLEAGUES = (
    Part("quentin", "Quentin Roy", "S1", Role.SUPERVISOR),
    Part("haruka", "斎藤 遥", "S2", Role.SUPERVISOR, japanese=True),
    Part("nora", "Nora Quinn", "S5", Role.SUPERVISOR),
    Part("admin", "Ada Lindqvist", "S6", Role.ADMIN),
    Part("aiko", "田中 愛子", "A1", japanese=True),
    Part("ben", "Ben Okafor", "A2"),
    Part("carla", "Carla Diaz", "A4"),
    Part("dev", "Dev Patel", "A6"),
    Part("finn", "Finn Olsen", "B1"),
    Part("emi", "佐藤 恵美", "B3", japanese=True),
    Part("grace", "Grace Lee", "B5"),
    Part("hugo", "Hugo Martin", "C1"),
    Part("ines", "Ines Costa", "C3"),
    Part("jun", "森 潤", "C4", japanese=True),
    Part("kofi", "Kofi Mensah", "C5"),
    Part("lena", "Lena Vogt", "D1"),
    Part("marco", "Marco Bruno", "D2"),
    Part("omar", "Omar Said", "D3"),
    Part("priya", "Priya Nair", "D5"),
    Part("ken", "小林 健", "E1", japanese=True),
    Part("misaki", "伊藤 美咲", "E2", japanese=True),
    Part("sakura", "加藤 さくら", "E4", japanese=True),
    Part("sho", "渡辺 翔", "E6", japanese=True),
    Part("daisuke", "山本 大輔", "F1", japanese=True),
    Part("tomas", "Tomás Reyes", "F3"),
    Part("zoe", "Zoë Laurent", "F6"),
)

EVERYBODY = (AGENT, SUPERVISOR, *COLLEAGUES)


class Team(Frozen):
    handle: str
    name: str
    members: tuple[str, ...]


TEAMS = (
    Team("supervisors", "Supervisors", ("sora", "quentin", "haruka", "nora")),
    Team("billing", "Billing", ("ben", "grace", "ines", "omar", "sakura", "zoe")),
    Team("technical", "Technical support", ("dev", "jun", "kofi", "lena", "sho", "tomas")),
    Team(
        "osaka", "大阪チーム", ("aiko", "daisuke", "emi", "haruka", "jun", "ken", "misaki", "sakura", "sho")
    ),
    Team("newcomers", "New colleagues", ("finn", "mia", "marco", "misaki")),
)
