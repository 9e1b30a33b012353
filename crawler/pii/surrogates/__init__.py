"""What is written in place of a find that becomes a pseudonym: of the same form, natural, and nobody's.

Reserved ranges where there are any, wrong check digits where there are check digits, invented names and streets. For a
find that has neither, there is no surrogate, and a token is written: "[US_PASSPORT-3f9a1c2b7d]".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.pii.surrogates import generalized, network, numbers, phones

if TYPE_CHECKING:
    from crawler.pii.surrogates.draw import Draw


def surrogate(entity: str, value: str, language: str, draw: Draw) -> str | None:
    """A surrogate for anything but a name of a person; None where nothing could be written that is surely nobody's."""
    match entity:
        case "EMAIL_ADDRESS":
            return network.email(draw)
        case "PHONE_NUMBER":
            return phones.phone(value, language, draw)
        case "IP_ADDRESS":
            return network.ip(value, draw)
        case "MAC_ADDRESS":
            return network.mac(value, draw)
        case "SOCIAL_HANDLE":
            return network.handle(value, draw)
        case "ADDRESS":
            return generalized.address(value, language, draw)
        case "COORDINATES":
            return generalized.coordinates(value)
        case "DATE_OF_BIRTH":
            return generalized.birth_date(value, language, draw)
        case "SECRET_KEY" | "CRYPTO":
            return None  # what looks like one would be taken for one
    return numbers.wrong(entity, value, draw)
