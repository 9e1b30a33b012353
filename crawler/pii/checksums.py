"""Checksums of wallets: base58check, bech32 and bech32m, and the letter cases of Ethereum."""

from __future__ import annotations

from hashlib import sha256

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_ENDS = (1, 0x2BC830A3)  # bech32, bech32m
_LANE = (1 << 64) - 1
_RATE = 136  # bytes that Keccak-256 takes in at once


def base58check(text: str) -> bool:
    """Whether the last 4 of 25 bytes are the start of a double SHA-256 of the rest; Bitcoin wiki, Base58Check."""
    number = 0
    for char in text:
        digit = _BASE58.find(char)
        if digit < 0:
            return False
        number = number * 58 + digit
    if number >= 1 << 200:
        return False
    raw = number.to_bytes(25, "big")
    return sha256(sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def bech32(text: str) -> bool:
    """Whether the six characters at the end fit; BIP 173 and 350."""
    prefix, _, data = text.lower().rpartition("1")
    values = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    digits = [_BECH32.find(char) for char in data]
    if not prefix or len(digits) < 6 or min(digits) < 0:
        return False
    state = 1
    for value in values + digits:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_BECH32_GENERATOR):
            state ^= generator if top >> place & 1 else 0
    return state in _BECH32_ENDS


def eip55(address: str) -> bool:
    """Whether the letters of 40 hexadecimal digits are in the cases that EIP-55 gives them."""
    plain = address.lower()
    cases = keccak_256(plain.encode("ascii")).hex()
    wanted = "".join(char.upper() if int(digit, 16) > 7 else char for char, digit in zip(plain, cases, strict=False))
    return address == wanted


def keccak_256(message: bytes) -> bytes:
    """The Keccak submission of January 2011, which is not SHA3-256: the padding differs."""
    padded = bytearray(message + b"\x01" + bytes(-(len(message) + 1) % _RATE))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            at = start + 8 * lane
            state[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        state = _keccak_f(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _keccak_f(lanes: list[int]) -> list[int]:
    """Keccak-f[1600]; lane x, y is at x + 5 y. FIPS 202 3.2."""
    register = 1
    for _ in range(24):
        sums = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        lanes = [lane ^ sums[(at + 4) % 5] ^ _turned(sums[(at + 1) % 5], 1) for at, lane in enumerate(lanes)]
        lanes = _rho_and_pi(lanes)
        lanes = [
            lane ^ (~lanes[at - at % 5 + (at + 1) % 5] & lanes[at - at % 5 + (at + 2) % 5])
            for at, lane in enumerate(lanes)
        ]
        for power in range(7):
            register = (register << 1 ^ (register >> 7) * 0x71) & 0xFF
            lanes[0] ^= (register >> 1 & 1) << ((1 << power) - 1)
    return lanes


def _rho_and_pi(lanes: list[int]) -> list[int]:
    moved, x, y, current = lanes.copy(), 1, 0, lanes[1]
    for step in range(24):
        x, y = y, (2 * x + 3 * y) % 5
        current, moved[x + 5 * y] = lanes[x + 5 * y], _turned(current, (step + 1) * (step + 2) // 2)
    return moved


def _turned(lane: int, by: int) -> int:
    by %= 64
    return (lane << by | lane >> (64 - by)) & _LANE
