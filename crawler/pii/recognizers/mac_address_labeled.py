"""Hardware addresses of network devices without separators: twelve hexadecimal digits near a word for them."""

from crawler.pii.recognizers.mac_address import check
from crawler.pii.shapes import FILLER

ENTITY = "MAC_ADDRESS"
KIND = "device_id"

PATTERNS = (("bare", rf"(?<![0-9A-Za-z{FILLER}])[0-9A-Fa-f]{{12}}(?![0-9A-Za-z{FILLER}])", 0.3),)
NEEDS_CONTEXT = ("bare",)
CONTEXT = (
    "mac, mac address, mac-address, mac-adresse, hardware address, ethernet, hwaddr, ether, wlan, wi-fi, wifi, "
    "bluetooth, bssid, physical address, adresse mac, dirección mac, indirizzo mac, "
    "MACアドレス, 物理アドレス, MAC地址, "
    "物理地址, 맥 주소, MAC 주소"
)
REACH = 30
GATE = (
    "mac", "hardware", "ethernet", "hwaddr", "ether", "wlan", "wi-fi", "wifi", "bluetooth", "bssid", "physical",
    "物理アドレス", "物理地址", "맥 주소",
)  # fmt: skip

__all__ = ["check"]
