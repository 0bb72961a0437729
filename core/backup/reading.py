"""A look at a backup without unpacking it."""

from __future__ import annotations

from typing import BinaryIO

from core.backup.archive import members
from core.backup.manifest import Manifest, parse_manifest
from core.errors import Misconfigured


def inspect(archive: BinaryIO) -> Manifest:
    """The manifest, once every name and size in the archive agrees with it.

    The contents are not read: whoever unpacks compares them with their checksums. Raises
    Misconfigured.
    """
    archive.seek(0)
    parts = dump = files = size = 0
    for member in members(archive):
        match member.kind:
            case "database":
                parts, dump = parts + 1, dump + member.size
            case "file":
                files, size = files + 1, size + member.size
            case _:
                manifest = parse_manifest(member.data())
                if (parts, dump, files, size) != (
                    manifest.dump_parts,
                    manifest.dump_bytes,
                    manifest.files,
                    manifest.files_bytes,
                ):
                    raise Misconfigured("the backup does not hold what its manifest says")
                return manifest
    raise Misconfigured("the backup has no manifest")
