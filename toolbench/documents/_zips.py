"""Archives that are not what they seem: broken, protected, or made to fill a memory."""

import io
import zipfile

from toolbench.errors import DocumentError

LARGEST = 512 * 2**20
"""Bytes that the files of an archive may have together, unpacked."""

MOST = 20_000
"""Files in an archive."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = 0x1


def open_zip(data: bytes, where: str) -> zipfile.ZipFile:
    """Open an archive.

    Raises:
        DocumentError: it is none, is protected, or would unpack to more than `LARGEST` bytes or `MOST` files.
    """
    if data.startswith(_OLE):
        hint = "Remove the password, or save it in the format of today."
        raise DocumentError("protected by a password, or of an old format", where=where, hint=hint)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        hint = "Is it whole, and of the format that its name says?"
        raise DocumentError(f"not readable: {error}", where=where, hint=hint) from error
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise DocumentError("protected by a password", where=where, hint="Unpack it first.")
    size = sum(member.file_size for member in members)
    if size > LARGEST or len(members) > MOST:
        raise DocumentError(
            f"would unpack to {size / 2**20:,.0f} MB in {len(members):,} files, which is no document",
            where=where,
            hint=f"Most are {LARGEST // 2**20} MB and {MOST:,} files.",
        )
    return archive
