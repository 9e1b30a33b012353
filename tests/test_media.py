"""Media files: what they say about themselves is found in every format, and nothing that they hold does harm."""

from __future__ import annotations

import io
import json
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import DecodedStreamObject, NameObject

from crawler import media, signals
from crawler.document import Assertion, Embedded, Evidence, Fetched, FetchError
from crawler.media import epub, manifest, xmp

FILES = Path(__file__).parent / "media"
REFUSED = (FILES / "cawg_training_refused.jpg").read_bytes()
SVG = (FILES / "xmp_packet.svg").read_bytes()
REAL = Path(__file__).parents[2] / "shared" / "data" / "media"

PLUS = 'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"'
WORD = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description {PLUS} plus:DataMining="{WORD}"/></rdf:RDF>"""
META = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{RDF}</x:xmpmeta>'
PACKET = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{META}   \n<?xpacket end="w"?>'


def embedded(body: bytes, content_type: str = "application/octet-stream") -> Embedded | None:
    return media.embedded(Fetched("https://site.example/file", 200, (("Content-Type", content_type),), body))


def said(body: bytes, content_type: str = "application/octet-stream") -> set[tuple[str, object]]:
    """Name and value of what the signals state about a file."""
    page = Fetched("https://site.example/file", 200, (("Content-Type", content_type),), body)
    facts = signals.read_all(Evidence(page.url, "ExampleTrainBot", page=page, embedded=media.embedded(page)))
    return {(fact.name, fact.value) for fact in facts if fact.name.startswith(("plus.", "c2pa.", "xmp.", "tdm"))}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(packet: bytes, compressed: bool) -> bytes:
    text = zlib.compress(packet) if compressed else packet
    head = b"XML:com.adobe.xmp\x00" + (b"\x01\x00" if compressed else b"\x00\x00") + b"\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"iTXt", head + text) + chunk(b"IEND", b"")


def segment(data: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(map(segment, segments)) + b"\xff\xda\x00\x02scan\xff\xd9"


def extended(guid: bytes, named: bytes) -> bytes:
    """A JPEG whose packet names an extension, which comes in two pieces, the second one first."""
    packet = PACKET.encode().replace(b'DataMining="%b"' % WORD.encode(), b'HasExtendedXMP="%b"' % named)
    whole, name = META.encode(), b"http://ns.adobe.com/xmp/extension/\x00" + guid
    pieces = [name + struct.pack(">II", len(whole), at) + whole[at:end] for at, end in ((90, None), (0, 90))]
    return jpeg(b"http://ns.adobe.com/xap/1.0/\x00" + packet, *pieces)


def pdf(packet: str, password: str = "", on_a_page: str = "") -> bytes:
    """A PDF with a compressed metadata stream, perhaps encrypted, perhaps with a packet that belongs to a page."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(72, 72)
    for holder, text in ((writer.root_object, packet), (page, on_a_page)):
        if text:
            stream = DecodedStreamObject()
            stream.set_data(text.encode())
            stream.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
            kept = stream if on_a_page else stream.flate_encode()
            holder[NameObject("/Metadata")] = writer._add_object(kept)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>
<rootfile full-path="OPS/book%20one.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
OPF = """<package xmlns="http://www.idpf.org/2007/opf" version="3.0" prefix="tdm: http://www.w3.org/ns/tdmrep#">
<metadata><meta property="tdm:reservation">1</meta></metadata></package>"""


def book(files: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


BOOK = {"META-INF/container.xml": CONTAINER, "OPS/book one.opf": OPF}
PROHIBITED = {("plus.data-mining", "DMI-PROHIBITED")}
IN_PNG = png(PACKET.encode(), compressed=False)

FOUND: dict[str, tuple[bytes, str]] = {
    "JPEG, in its segment": (jpeg(b"http://ns.adobe.com/xap/1.0/\x00" + PACKET.encode()), "image/jpeg"),
    "JPEG, in an extension of two pieces": (extended(b"A" * 32, b"A" * 32), "image/jpeg"),
    "PNG": (IN_PNG, "image/png"),
    "PNG, compressed": (png(PACKET.encode(), compressed=True), "image/png"),
    "PNG, compressed and without wrapper": (png(META.encode(), compressed=True), "image/png"),
    "a server that does not know what it sends": (IN_PNG, "application/octet-stream"),
    "a server that says that it is a page": (IN_PNG, "text/html"),
    "GIF": (b"GIF89a" + PACKET.encode(), "image/gif"),
    "WebP": (b"RIFF\x00\x00\x00\x00WEBPXMP " + PACKET.encode(), "image/webp"),
    "AVIF, without wrapper": (b"\x00\x00\x00\x1cftypavif" + META.encode() + bytes(9), "image/avif"),
    "a film": (b"\x00\x00\x00\x1cftypisom" + PACKET.encode(), "video/mp4"),
    "a sound, its RDF alone": (b"ID3" + RDF.encode(), "audio/mpeg"),
    "UTF-16": (b"II*\x00" + PACKET.encode("utf-16-le"), "image/tiff"),
    "UTF-32": (b"MM\x00*" + PACKET.encode("utf-32-be"), "image/tiff"),
    "another format, by its declared type": (b"8BPS" + PACKET.encode(), "image/vnd.adobe.photoshop"),
    "SVG": (f"<svg><metadata>{PACKET}</metadata></svg>".encode(), "image/svg+xml"),
    "SVG that declares namespaces at its root": (
        f'<svg xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {PLUS}><metadata><rdf:RDF>'
        f'<rdf:Description plus:DataMining="{WORD}"/></rdf:RDF></metadata></svg>'.encode(),
        "image/svg+xml",
    ),
    "SVG sent as XML": (f"<svg>{PACKET}</svg>".encode(), "text/xml; charset=utf-8"),
    "PDF, compressed": (pdf(PACKET), "application/pdf"),
    "PDF, damaged": (b"%PDF-1.7\n" + PACKET.encode(), "application/pdf"),
}


@pytest.mark.parametrize("case", FOUND)
def test_xmp_is_found(case: str) -> None:
    """Whatever the format, a packet is found and its prohibition stated."""
    assert said(*FOUND[case]) == PROHIBITED


NOT_FOUND: dict[str, tuple[bytes, str, set[tuple[str, object]]]] = {
    "an extension that the packet does not name": (extended(b"A" * 32, b"B" * 32), "image/jpeg", set()),
    "a page that shows a packet": (PACKET.encode(), "text/html", set()),
    "a text that shows a packet": (PACKET.encode(), "text/plain", set()),
    "XML that is no drawing": (PACKET.encode(), "application/xml", set()),
    "octets of nothing known": (PACKET.encode(), "application/octet-stream", set()),
    "a packet without end": (b"GIF89a" + META.encode()[:-30], "image/gif", {("xmp.unread", "not-xml")}),
    "a wrapper without end": (b"GIF89a<?xpacket begin", "image/gif", set()),
    "a wrapper that stays open": (b"GIF89a<?xpacket begin=", "image/gif", {("xmp.unread", "not-xml")}),
    "a picture on a page of a PDF": (pdf("", on_a_page=PACKET), "application/pdf", set()),
    "a PDF that needs a password": (pdf(PACKET, "secret"), "application/pdf", {("xmp.unread", "encrypted")}),
    "a damaged PDF in which nothing is seen": (b"%PDF-1.7\nx", "application/pdf", {("xmp.unread", "damaged")}),
    "PNG, compressed and damaged": (
        png(PACKET.encode(), compressed=True).replace(b"\x78\x9c", b"\x78\x00"),
        "image/png",
        {("xmp.unread", "not-xml")},
    ),
    "a packet that is no XML": (b"GIF89a<rdf:RDF <</rdf:RDF>", "image/gif", {("xmp.unread", "not-xml")}),
}


@pytest.mark.parametrize("case", NOT_FOUND)
def test_xmp_of_others_is_not_taken(case: str) -> None:
    """What does not speak for the file is left alone; what cannot be read is told."""
    body, content_type, expected = NOT_FOUND[case]
    assert said(body, content_type) == expected


def test_packets_come_in_order_and_once() -> None:
    """Two packets that are alike are one; padding and wrapper are cut off."""
    other = PACKET.replace(WORD, "other")
    found = embedded(b"GIF89a" + (PACKET + other + PACKET).encode())
    assert found == Embedded((META.encode(), META.replace(WORD, "other").encode()))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_epub(method: int) -> None:
    """The package document is taken, by the path that the container gives."""
    assert embedded(book(BOOK, method)) == Embedded(opf=OPF.encode())
    assert said(book(BOOK, method)) == {("tdm-reservation", "1")}


BROKEN_BOOKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "without container": (lambda: book({"OPS/book one.opf": OPF}), "no-package"),
    "without package": (lambda: book({"META-INF/container.xml": CONTAINER}), "no-package"),
    "a container that names none": (lambda: book({**BOOK, "META-INF/container.xml": "<container/>"}), "no-package"),
    "a container that is no XML": (lambda: book({**BOOK, "META-INF/container.xml": "<"}), "damaged"),
    "a container with entities": (
        lambda: book({**BOOK, "META-INF/container.xml": f'<!DOCTYPE a [<!ENTITY b "c">]>{CONTAINER}'}),
        "damaged",
    ),
    "a bomb as package": (lambda: book({**BOOK, "OPS/book one.opf": " " * (epub.MAX_OPF_BYTES + 1)}), "too-large"),
    "a bomb as container": (lambda: book({**BOOK, "META-INF/container.xml": " " * 99_999_999}), "too-large"),
    "compressed in a way that EPUB does not have": (lambda: book(BOOK, zipfile.ZIP_LZMA), "damaged"),
    "cut off": (lambda: book(BOOK)[:-30], "damaged"),
    "a list of files that fills the memory": (
        lambda: book(BOOK) + b"PK\x01\x02" * (epub.MAX_FILES + 1),
        "too-large",
    ),
}


@pytest.mark.parametrize("case", BROKEN_BOOKS)
def test_broken_epub(case: str) -> None:
    """A package that cannot be taken is told with the reason, and stated."""
    make, reason = BROKEN_BOOKS[case]
    start = time.perf_counter()
    found = embedded(make(), "application/epub+zip")
    assert found == Embedded(unread=(f"opf: {reason}",))
    assert said(make(), "application/epub+zip") == {("tdm-epub.unread", reason)}
    assert time.perf_counter() - start < 3


def test_a_manifest_refuses() -> None:
    """The assertion of the active manifest is taken, and believed since the file is as it was signed."""
    entries = {"cawg.ai_inference": {"use": "notAllowed"}, "cawg.ai_generative_training": {"use": "notAllowed"}}
    assert embedded(REFUSED) == Embedded(c2pa=(Assertion("cawg.training-mining", entries, True),))


def test_a_changed_picture_invalidates_its_manifest() -> None:
    """One pixel is changed: the manifest no longer speaks for the file."""
    changed = bytearray(REFUSED)
    changed[-1000] ^= 1
    found = embedded(bytes(changed))
    assert found is not None
    assert [assertion.valid for assertion in found.c2pa] == [False]
    assert ("c2pa.invalid", "validation-failed") in said(bytes(changed))


def test_without_the_library_a_manifest_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where there is one: a picture without manifest is read completely."""
    monkeypatch.setattr(manifest, "c2pa", None)
    assert said(REFUSED) == {("c2pa.unread", "not-installed")}
    assert embedded(SVG, "image/svg+xml") == Embedded(packets_of(SVG))


def packets_of(body: bytes) -> tuple[bytes, ...]:
    return xmp.packets(body, "image/svg+xml")[0]


def test_a_manifest_kept_elsewhere_is_told_and_not_fetched(httpserver: Any) -> None:
    """XMP names its address; nobody asks there."""
    address = httpserver.url_for("/manifest.c2pa")
    terms = f'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}"'
    packet = PACKET.replace("plus:DataMining", f"{terms} plus:DataMining")
    body = jpeg(b"http://ns.adobe.com/xap/1.0/\x00" + packet.encode())
    assert said(body) == {*PROHIBITED, ("c2pa.unread", "kept-elsewhere")}
    assert httpserver.log == []


def test_a_format_that_manifests_do_not_have() -> None:
    """The mark of a manifest in a format that the library does not know is no silence."""
    assert said(b"OggS jumdc2pa", "audio/ogg") == {("c2pa.unread", "unsupported-format")}


def test_only_content_is_looked_at() -> None:
    """An error page, a failed exchange and an empty answer have nothing to say about themselves."""
    page = Fetched("", 200, (("content-type", "image/gif"),), b"GIF89a" + PACKET.encode())
    assert media.embedded(page) is not None
    assert media.embedded(replace(page, status=404)) is None
    assert media.embedded(replace(page, error=FetchError.TOO_LARGE)) is None
    assert media.embedded(Fetched("", 200)) is None


def test_large_files_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit nothing is read, and that is stated."""
    monkeypatch.setattr(media, "MAX_BYTES", 1000)
    assert said(REFUSED) == {("xmp.unread", "too-large"), ("c2pa.unread", "too-large")}
    assert said(book(BOOK) + bytes(1000), "application/epub+zip") == {
        ("tdm-epub.unread", "too-large"),
        ("c2pa.unread", "too-large"),
    }


HOSTILE: dict[str, bytes] = {
    "beginnings without end": b"GIF8" + b"<?xpacket begin=" * 500_000,
    "beginnings of many names without end": b"GIF8" + b"".join(b"<a%d:xmpmeta " % n for n in range(500_000)),
    "wrappers that never close": b"GIF8" + b"<?xpacket begin=" * 500_000 + b"<?xpacket end",
    "thousands of packets": b"GIF8" + b"".join(b"<rdf:RDF >%d</rdf:RDF>" % n for n in range(200_000)),
    "a packet beyond all measure": b"GIF8<rdf:RDF >" + bytes(9_000_000) + b"</rdf:RDF>",
    "a bomb in a text chunk": png(b"<" * 200_000_000, compressed=True),
    "bombs in many text chunks": b"\x89PNG\r\n\x1a\n" + png(b"<" * 5_000_000, compressed=True)[33:-12] * 500,
    "extensions of many names": jpeg(
        b'<?xpacket begin=""?>HasExtendedXMP="%032d"<?xpacket end' % 7,
        *(b"http://ns.adobe.com/xmp/extension/\x00%032d%8d" % (n, 0) for n in range(50_000)),
    ),
    "chunks of no length": b"\x89PNG\r\n\x1a\n" + bytes(3_000_000),
    "segments of no length": b"\xff\xd8" + b"\xff\xe1\x00\x00" * 500_000,
    "deep elements": b"GIF8<rdf:RDF >" + b"<a>" * 300_000 + b"</a>" * 300_000 + b"</rdf:RDF>",
    "a PDF of objects only": b"%PDF-1.7\n" + b"1 0 obj<</Root 1 0 R>>endobj\n" * 20_000,
    "a PDF that points to itself": b"%PDF-1.7\ntrailer<</Root 1 0 R/Prev 0>>\n" * 5_000 + b"startxref\n9\n%%EOF",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_take_no_time(case: str) -> None:
    """Files made to be slow are done within seconds; the bound here is lax."""
    start = time.perf_counter()
    said(HOSTILE[case])
    assert time.perf_counter() - start < 8


SEEDS = [REFUSED, SVG, book(BOOK), pdf(PACKET), *(body for body, _ in FOUND.values())]
TYPES = ["image/svg+xml", "application/pdf", "application/epub+zip", "image/tiff", "text/html", ""]


@given(
    body=st.binary(max_size=300),
    begins=st.sampled_from([b"", *(seed[:64] for seed in SEEDS)]),
    kind=st.sampled_from(TYPES),
)
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(body: bytes, begins: bytes, kind: str) -> None:
    """Any bytes, also behind a true beginning, are read without exception, the same each time."""
    assert embedded(begins + body, kind) == embedded(begins + body, kind)
    said(begins + body, kind)


@given(
    seed=st.sampled_from(SEEDS),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), max_size=6),
    end=st.floats(0, 1),
    kind=st.sampled_from(TYPES),
)
@settings(max_examples=200, deadline=None)
def test_no_damage_raises(seed: bytes, flips: list[tuple[float, int]], end: float, kind: str) -> None:
    """True files with flipped bits and cut ends are read without exception."""
    body = bytearray(seed)
    for place, bit in flips:
        body[int(place * len(body))] ^= 1 << bit
    said(bytes(body), kind)
    said(bytes(body[: int(end * len(body))]), kind)


def real_files() -> list[dict[str, Any]]:
    index = REAL / "index.jsonl"
    return [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()] if index.exists() else []


@pytest.mark.parametrize("row", real_files(), ids=lambda row: row["file"])
def test_real_file(row: dict[str, Any]) -> None:
    """Files that others made say what their index says, where they are at hand."""
    content_type = "image/svg+xml" if row["file"].endswith(".svg") else "application/octet-stream"
    found = embedded((REAL / row["file"]).read_bytes(), content_type)
    assert found is not None
    uses = {name: fields["use"] for assertion in found.c2pa for name, fields in assertion.entries.items()}
    assert uses == row["training_mining"]
    assert all(assertion.valid for assertion in found.c2pa)
    assert bool(found.xmp) == row["xmp"]
    assert found.unread == ()
