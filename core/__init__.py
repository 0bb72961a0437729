"""The door of the product: front ends import from here and nowhere else."""

from __future__ import annotations

from core.access import Access, HeldOver, Invite, InvitesPage, Level, access_over
from core.administration import (
    LETTER_CHARACTERS,
    LIMITS,
    Act,
    ActsPage,
    Administration,
    FoundPeople,
    LimitName,
    PersonCard,
    PersonLine,
    Spent,
    Written,
    person_ref,
)
from core.app import Core
from core.background import Background
from core.backup import (
    Manifest,
    Restored,
    Upgraded,
    back_up,
    has_data,
    moved_to,
    read_manifest,
    restore,
    stream_backup,
    upgrade,
)
from core.broadcasts import Audience, Broadcast, Broadcasts, read_broadcast
from core.broadcasts.content import BroadcastContent
from core.broadcasts.sending import (
    BroadcastOutcome,
    BroadcastSend,
    BroadcastSends,
    ClaimedSends,
    Screen,
    Tended,
)
from core.building import embedded_postgres
from core.checkup import Check, Result, Verdict
from core.checkup.clock import Clock
from core.checkup.whole import check_everything
from core.data_folder import prepare_data_folder
from core.database.embedded import EmbeddedPostgres
from core.database.patience import outage
from core.dialogue.attachments import Attachment, Attachments, FileItem, FilesPage
from core.dialogue.attachments import Kind as AttachmentKind
from core.dialogue.delivery import Claimed, Deliveries, Delivery
from core.dialogue.front import Busy, Front, Preview
from core.dialogue.incoming import SentFile
from core.dialogue.messages import Dialogue, Entry, History, Received
from core.dialogue.turn import TURN_CHARACTERS, Turn
from core.errors import (
    Conflict,
    CoreError,
    DomainError,
    FetchFailed,
    FetchRefused,
    FileMissing,
    Forbidden,
    Gone,
    LeaseLost,
    Misconfigured,
    ModelDown,
    ModelError,
    ModelRejected,
    NotFound,
    Unavailable,
)
from core.inbox import Inbox
from core.limits import Limit, Limits, Over, Share, Usage, read_limit
from core.moving import Moved, move
from core.notices import Notice, Notices
from core.observing import (
    CallReport,
    DeliveryReport,
    Observer,
    Report,
    TurnBegan,
    TurnReport,
    marked,
    marks,
    observed,
    observer,
    tell,
)
from core.observing.lines import write as write_line
from core.observing.queues import Queues
from core.observing.reasons import reason
from core.own_data import ExportAsked, OwnData
from core.own_data.front import (
    ExportFront,
    ExportJob,
    ReadyVolume,
    Unreachable,
    VisionHead,
)
from core.problems import Admin, Problem, Problems, ProblemWord
from core.problems.model_health import ModelHealth
from core.problems.reports import Reports
from core.progress import EXCHANGE, Progress, Step
from core.reading.kinds import treatment
from core.secret_files import secret_names
from core.settings import CoreSettings, HttpUrl, is_private_way
from core.statistics import (
    CallShare,
    DayCalls,
    DayNumbers,
    Numbers,
    PersonTokens,
    Spender,
    Spenders,
    Statistics,
    Totals,
    VisionTokens,
)
from core.statistics.drawing import ChartPanel, DaysChart
from core.statistics.plain import numbers_lines, spenders_lines, vision_lines
from core.statistics.tables import calls_table, days_table
from core.users import (
    Asked,
    Person,
    Profile,
    Question,
    Users,
    Voice,
    Zone,
    find_zones,
    local_time,
    zone_of,
)
from core.visions import TITLE_LIMIT, Card, Item, Page, Visions, title_of

__all__ = [
    "EXCHANGE",
    "LETTER_CHARACTERS",
    "LIMITS",
    "TITLE_LIMIT",
    "TURN_CHARACTERS",
    "Access",
    "Act",
    "ActsPage",
    "Admin",
    "Administration",
    "Asked",
    "Attachment",
    "AttachmentKind",
    "Attachments",
    "Audience",
    "Background",
    "Broadcast",
    "BroadcastContent",
    "BroadcastOutcome",
    "BroadcastSend",
    "BroadcastSends",
    "Broadcasts",
    "Busy",
    "CallReport",
    "CallShare",
    "Card",
    "ChartPanel",
    "Check",
    "Claimed",
    "ClaimedSends",
    "Clock",
    "Conflict",
    "Core",
    "CoreError",
    "CoreSettings",
    "DayCalls",
    "DayNumbers",
    "DaysChart",
    "Deliveries",
    "Delivery",
    "DeliveryReport",
    "Dialogue",
    "DomainError",
    "EmbeddedPostgres",
    "Entry",
    "ExportAsked",
    "ExportFront",
    "ExportJob",
    "FetchFailed",
    "FetchRefused",
    "FileItem",
    "FileMissing",
    "FilesPage",
    "Forbidden",
    "FoundPeople",
    "Front",
    "Gone",
    "HeldOver",
    "History",
    "HttpUrl",
    "Inbox",
    "Invite",
    "InvitesPage",
    "Item",
    "LeaseLost",
    "Level",
    "Limit",
    "LimitName",
    "Limits",
    "Manifest",
    "Misconfigured",
    "ModelDown",
    "ModelError",
    "ModelHealth",
    "ModelRejected",
    "Moved",
    "NotFound",
    "Notice",
    "Notices",
    "Numbers",
    "Observer",
    "Over",
    "OwnData",
    "Page",
    "Person",
    "PersonCard",
    "PersonLine",
    "PersonTokens",
    "Preview",
    "Problem",
    "ProblemWord",
    "Problems",
    "Profile",
    "Progress",
    "Question",
    "Queues",
    "ReadyVolume",
    "Received",
    "Report",
    "Reports",
    "Restored",
    "Result",
    "Screen",
    "SentFile",
    "Share",
    "Spender",
    "Spenders",
    "Spent",
    "Statistics",
    "Step",
    "Tended",
    "Totals",
    "Turn",
    "TurnBegan",
    "TurnReport",
    "Unavailable",
    "Unreachable",
    "Upgraded",
    "Usage",
    "Users",
    "Verdict",
    "VisionHead",
    "VisionTokens",
    "Visions",
    "Voice",
    "Written",
    "Zone",
    "access_over",
    "back_up",
    "calls_table",
    "check_everything",
    "days_table",
    "embedded_postgres",
    "find_zones",
    "has_data",
    "is_private_way",
    "local_time",
    "marked",
    "marks",
    "move",
    "moved_to",
    "numbers_lines",
    "observed",
    "observer",
    "outage",
    "person_ref",
    "prepare_data_folder",
    "read_broadcast",
    "read_limit",
    "read_manifest",
    "reason",
    "restore",
    "secret_names",
    "spenders_lines",
    "stream_backup",
    "tell",
    "title_of",
    "treatment",
    "upgrade",
    "vision_lines",
    "write_line",
    "zone_of",
]
