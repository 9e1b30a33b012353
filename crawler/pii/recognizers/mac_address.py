"""Hardware addresses of network devices: six pairs with colons or hyphens, or three groups of four. IEEE 802-2014 8.1.

Twelve digits without separators are in `mac_address_labeled`.
"""

import re

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "MAC_ADDRESS"
KIND = "device_id"

_LEFT = LEFT + r"(?:(?<![0-9A-Fa-f][:-])|(?<=[A-Za-z]{3}:))"  # the second: "MAC:", "Adresse:"
_RIGHT = RIGHT + r"(?![:-][0-9A-Fa-f])"
PATTERNS = (
    ("pairs", rf"{_LEFT}[0-9A-Fa-f]{{2}}([:-])(?:[0-9A-Fa-f]{{2}}\1){{4}}[0-9A-Fa-f]{{2}}{_RIGHT}", 0.7),
    ("fours", rf"{_LEFT}[0-9A-Fa-f]{{4}}([.-])[0-9A-Fa-f]{{4}}\1[0-9A-Fa-f]{{4}}{_RIGHT}(?!\.[0-9A-Za-z])", 0.6),
)
CONTEXT = (
    "mac, mac address, mac-adresse, hardware address, ethernet, hwaddr, wlan, wi-fi address, wi-fi, wifi, bluetooth, "
    "bssid, physical address, adresse mac, dirección mac, indirizzo mac, MACアドレス, 物理アドレス, MAC地址, 物理地址, "
    "맥 주소, MAC 주소"
)
REACH = 30
GATE = r"[:.-][0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?[:.-][0-9A-Fa-f]{2}"

_IN_FOURS = re.compile(r"[0-9]{4}[.-][0-9]{4}[.-][0-9]{4}")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]")


def check(match: str) -> bool | None:
    """No find for the empty and the broadcast address, and for digits in fours, which are another number."""
    digits = "".join(_HEXADECIMAL.findall(match)).lower()
    return False if len(set(digits)) == 1 or _IN_FOURS.fullmatch(match) else None
