"""IP addresses of both versions, RFC 791 and RFC 4291. Not found: versions, section numbers, loopback and masks."""

from ipaddress import AddressValueError, IPv4Address, IPv6Address

from crawler.pii.shapes import FILLER, LEFT, RIGHT

ENTITY = "IP_ADDRESS"
KIND = "ip_address"
GATE = r"\.[0-9]{1,3}\.[0-9]{1,3}\.|:[0-9A-Fa-f]{0,4}:"

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LEFT_4 = LEFT + r"(?<![0-9A-Za-z][-._])(?<![-.])"
_RIGHT_4 = RIGHT + r"(?![-_][0-9A-Za-z]|\.[0-9])"
# A colon before it may belong to a label, "IP:", but not to more of an address or to a time.
_LEFT_6 = LEFT + r"(?<!\.)(?<![0-9:]:)" + "".join(rf"(?<![^A-Za-z][A-Fa-f]{{{n}}}:)" for n in (1, 2, 3, 4))
PATTERNS = (
    ("version 4", rf"{_LEFT_4}(?=[0-9.]*[0-9]{{2}}){_OCTET}(?:\.{_OCTET}){{3}}{_RIGHT_4}", 0.6),
    ("version 4, single digits", rf"{_LEFT_4}[0-9](?:\.[0-9]){{3}}{_RIGHT_4}", 0.4),
    (
        "version 6",
        rf"{_LEFT_6}[0-9A-Fa-f]{{1,4}}:(?:[0-9A-Fa-f]{{0,4}}:){{1,7}}"
        rf"(?:{_OCTET}(?:\.{_OCTET}){{3}}|[0-9A-Fa-f]{{1,4}})?(?![0-9A-Za-z:{FILLER}]|\.[0-9])",
        0.6,
    ),
)
NEEDS_CONTEXT = ("version 4, single digits",)
CONTEXT = (
    "ip, ipv4, ipv6, address, addr, host, client, server, ping, login, logged, connected, connection, from, "
    "adresse, アドレス, 地址, 주소"
)
NOT_AFTER = (
    r"(?i:(?<![a-z])(?:v|ver|version|versions|release|firmware|build|driver|upgrade to|update to|section|sections|sec"
    r"|chapter|article|clause|figure|fig|table|step|appendix|paragraph|rule|kernel|library|package)"
    r"|§|バージョン|版本|버전)[.:# ]{0,2}$"
)


def check(match: str) -> bool | None:
    """No find where no person can be behind it: loopback, unspecified, multicast, netmasks."""
    try:
        address = IPv6Address(match) if ":" in match else IPv4Address(match)
    except AddressValueError:
        return False
    if isinstance(address, IPv4Address):
        return False if address.packed[0] in (0, 127) or address.packed[0] >= 224 else None
    # Global unicast, unique local, link-local: anything else written with "::" is more likely a name in a program.
    in_use = 0x20 <= address.packed[0] < 0x40 or address.packed[0] >= 0xFC
    return None if "::" not in match or (in_use and len(match.split(":")[0]) == 4) else False
