"""Wallets of cryptocurrencies: Bitcoin (base58check, bech32, bech32m), Ethereum (EIP-55), others near their names.

Sources: BIP 13, 173 and 350; EIP-55. Ethereum addresses in one case carry no check, so they count near a word only;
an address that was shortened is nobody's.
"""

from crawler.pii.checksums import base58check, bech32, eip55
from crawler.pii.shapes import FILLER, LEFT, LONG, RIGHT

ENTITY = "CRYPTO"
KIND = "account"

# Without a checksum, or with any letter at its start: these touch no letters.
_ALONE, _ALONE_AFTER = rf"(?<![A-Za-z0-9{FILLER}])", rf"(?![A-Za-z0-9{FILLER}])"
_BASE58 = "1-9A-HJ-NP-Za-km-z"
PATTERNS = (
    ("bitcoin, base58", rf"{LEFT}[13][{_BASE58}]{{25,34}}{RIGHT}", 0.6),
    ("bitcoin, bech32", rf"{LEFT}(?:bc1[02-9ac-hj-np-z]{{11,71}}|BC1[02-9AC-HJ-NP-Z]{{11,71}}){RIGHT}", 0.6),
    ("ethereum", rf"{LEFT}0x(?=[0-9A-F]*[a-f])(?=[0-9a-f]*[A-F])[0-9A-Fa-f]{{40}}{RIGHT}", 0.6),
    ("ethereum, one case", rf"{LEFT}0x(?:[0-9a-f]{{40}}|[0-9A-F]{{40}}){RIGHT}", 0.4),
    ("litecoin, base58", rf"{LEFT}[LM][{_BASE58}]{{26,33}}{RIGHT}", 0.4),
    ("litecoin, bech32", rf"{LEFT}ltc1[02-9ac-hj-np-z]{{11,71}}{RIGHT}", 0.6),
    ("dogecoin", rf"{LEFT}D[5-9A-HJ-NP-U][{_BASE58}]{{32}}{RIGHT}", 0.4),
    ("tron", rf"{LEFT}T[{_BASE58}]{{33}}{RIGHT}", 0.4),
    ("ripple", rf"{_ALONE}r[{_BASE58}]{{24,34}}{_ALONE_AFTER}", 0.3),
    ("solana", rf"{_ALONE}[{_BASE58}]{{43,44}}{_ALONE_AFTER}", 0.3),
)
NEEDS_CONTEXT = ("ethereum, one case", "ripple", "solana")
CONTEXT = (
    "bitcoin, btc, litecoin, ltc, dogecoin, doge, tron, trx, bitcoin address, bitcoin-adresse, wallet address, "
    "wallet-adresse, wallet no, 比特币, ビットコイン, 비트코인, ethereum, eth, ether, erc20, erc-20, address, 地址, "
    "アドレス, 주소, ripple, xrp, "
    "solana, sol, phantom, wallet, wallets, crypto, donate, donations, deposit, "
    "ウォレット, 仮想通貨, 钱包, "
    "지갑, portefeuille, monedero, cartera, geldbörse"
)
STRONG = True
GATE = LONG

_RIPPLE = str.maketrans(
    "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz",
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
)


def check(match: str) -> bool | None:
    """True where a checksum holds. Solana has none: there only a mixture of kinds of characters tells."""
    if match.startswith("0x"):
        hexadecimal = match[2:]
        return None if hexadecimal in (hexadecimal.lower(), hexadecimal.upper()) else eip55(hexadecimal)
    if match[:4].lower() == "ltc1" or match[:3].lower() == "bc1":
        return bech32(match)
    if len(match) in (43, 44):
        return None if any(map(str.isdigit, match)) and match != match.lower() != match.upper() else False
    return base58check(match.translate(_RIPPLE) if match.startswith("r") else match)
