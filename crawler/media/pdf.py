"""Finds the XMP packet of a PDF document, which its catalog names.

Specification: ISO 32000-2, 14.3.2 (metadata streams). A parser is needed, and not a scan: the stream
may be compressed, older revisions stay in the file, and pictures on the pages carry packets of their own.
"""

from __future__ import annotations

import io
import logging


def document_metadata(body: bytes) -> tuple[bytes, str]:
    """The content of the catalog's metadata stream, b"" where the document has none, and "".

    Else b"" and why it cannot be told: "encrypted" (it opens to nobody without a password) or "damaged".
    """
    import pypdf  # a fifth of a second, for the few who meet a PDF

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file
    try:
        stream = pypdf.PdfReader(io.BytesIO(body)).root_object.get("/Metadata")
        return (b"" if stream is None else bytes(stream.get_object().get_data())), ""
    except (pypdf.errors.FileNotDecryptedError, pypdf.errors.DependencyError):
        return b"", "encrypted"
    except Exception:  # noqa: BLE001  # a damaged file makes it raise nearly anything (KeyError, TypeError ...)
        return b"", "damaged"
