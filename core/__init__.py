"""The door of the product: front ends import from here and nowhere else."""

from __future__ import annotations

from core.app import Core, embedded_postgres
from core.background import Background
from core.checkup import Check, Result, Verdict
from core.checkup.clock import Clock
from core.checkup.whole import check_everything
from core.data_folder import prepare_data_folder
from core.database.embedded import EmbeddedPostgres
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
from core.observing.queues import Queues
from core.observing.reasons import reason
from core.reading.kinds import treatment
from core.secret_files import secret_names
from core.settings import CoreSettings, HttpUrl, is_private_way
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
    "TITLE_LIMIT",
    "TURN_CHARACTERS",
    "Asked",
    "Attachment",
    "AttachmentKind",
    "Attachments",
    "Background",
    "Busy",
    "CallReport",
    "Card",
    "Check",
    "Claimed",
    "Clock",
    "Conflict",
    "Core",
    "CoreError",
    "CoreSettings",
    "Deliveries",
    "Delivery",
    "DeliveryReport",
    "Dialogue",
    "DomainError",
    "EmbeddedPostgres",
    "Entry",
    "FetchFailed",
    "FetchRefused",
    "FileItem",
    "FileMissing",
    "FilesPage",
    "Forbidden",
    "Front",
    "Gone",
    "History",
    "HttpUrl",
    "Inbox",
    "Item",
    "LeaseLost",
    "Misconfigured",
    "ModelDown",
    "ModelError",
    "ModelRejected",
    "NotFound",
    "Observer",
    "Page",
    "Person",
    "Preview",
    "Profile",
    "Question",
    "Queues",
    "Received",
    "Report",
    "Result",
    "SentFile",
    "Turn",
    "TurnBegan",
    "TurnReport",
    "Unavailable",
    "Users",
    "Verdict",
    "Visions",
    "Voice",
    "Zone",
    "check_everything",
    "embedded_postgres",
    "find_zones",
    "is_private_way",
    "local_time",
    "marked",
    "marks",
    "observed",
    "observer",
    "prepare_data_folder",
    "reason",
    "secret_names",
    "tell",
    "title_of",
    "treatment",
    "zone_of",
]
