"""Pictures that people hand in: really a picture, of an allowed kind and size, before anybody is sent one."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import msgspec
from PIL import Image

from app.core.model import AssetId

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 32 * 1024 * 1024
MAX_PIXELS = 64_000_000
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError)


class PictureError(ValueError):
    """Not a picture we take; the message is a sentence that goes on after the file's name."""


class Picture(msgspec.Struct, frozen=True):
    """A checked picture.

    Attributes:
        id: SHA-256 of ``data``.
        data: the file as it was handed in.
        width, height: px
    """

    id: AssetId
    data: bytes
    width: int
    height: int


def check_picture(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode a picture once to see that it is one. Its size is looked at before anything is decoded.

    Raises:
        PictureError: too big, damaged, or of another format than PNG, JPEG and WebP.
    """
    if len(data) > max_bytes:
        raise PictureError(f"is larger than {max_bytes // 1024 // 1024} MB")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise PictureError(_too_many(max_pixels))
            image.load()
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(_too_many(max_pixels)) from error
    except (*_UNREADABLE, struct.error, zlib.error) as error:
        raise PictureError("is not a PNG, JPEG or WebP picture, or is damaged") from error
    return Picture(AssetId(hashlib.sha256(data).hexdigest()), data, width, height)


def _too_many(max_pixels: int) -> str:
    return f"has more than {max_pixels // 1_000_000} million pixels"
