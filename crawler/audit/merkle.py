"""The Merkle tree hash over the ledger's lines (RFC 6962 section 2.1), kept as one root for each whole subtree."""

from __future__ import annotations

from hashlib import sha256


class MerkleTree:
    """Takes leaves one by one and knows the root at any time; its memory is 32 bytes for each bit of the size.

    Attributes:
        size: Number of leaves.
    """

    __slots__ = ("_roots", "size")

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []  # of whole subtrees, the largest first: one for each bit that is set in the size

    def add(self, leaf: bytes) -> None:
        """One more leaf: a line of the ledger without its newline."""
        digest, roots, size = sha256(b"\0" + leaf).digest(), self._roots, self.size
        while size & 1:
            digest = sha256(b"\1" + roots.pop() + digest).digest()
            size >>= 1
        roots.append(digest)
        self.size += 1

    @property
    def root(self) -> str:
        """The tree's hash in hex; that of nothing is the SHA-256 of nothing.

        >>> MerkleTree().root[:16]
        'e3b0c44298fc1c14'
        """
        if not self._roots:
            return sha256().hexdigest()
        *larger, digest = self._roots
        for left in reversed(larger):
            digest = sha256(b"\1" + left + digest).digest()
        return digest.hex()
