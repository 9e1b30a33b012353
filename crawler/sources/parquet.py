"""Parquet files of texts, as Hugging Face hosts them: a row is a page; only the columns that are needed are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.document import Fetched
from crawler.sources.documents import TIMES, Fields, columns_of, page_of
from crawler.sources.read_warc import DamagedError
from crawler.sources.storage import Address, SourceError, check_whole, open_file, told

_ROWS = 1_000  # read at a time
_BUNDLE = "metadata"  # a column that some writers fill with JSON
_NO_VALUE = (ValueError, OverflowError, LookupError)  # a time before the year 1, a zone that nobody knows, no UTF-8


def read_parquet(address: Address, fields: Fields, at: Callable[[int], None] = lambda _: None) -> Iterator[Fetched]:
    """Every row as a page, in file order; `at` hears how far it has come, as a place in the file, in bytes.

    Raises:
        SourceError: There is no such file, it is no Parquet file, or its text is not where it is looked for.
        DamagedError: It was damaged further on; every row before that was handed out.
    """
    with open_file(address) as file:
        size, begun = file.seek(0, 2), 0
        file.seek(0)
        try:
            parquet = pq.ParquetFile(file)
            names = _names(parquet.schema_arrow)
            columns = columns_of(address, names, fields)
            wanted = _wanted((*columns.texts, *columns.urls, *TIMES), parquet.schema_arrow.names)
            rows = parquet.metadata.num_rows or 1
            for number, row in enumerate(_rows(parquet, wanted)):
                begun = number + 1
                at(size * number // rows)
                yield page_of(row, columns, address, number)
        except (pa.ArrowException, OSError, ValueError) as error:
            check_whole(file)
            if begun:
                raise DamagedError(f"{told(address)}: damaged after row {begun}; get the file again") from error
            why = type(error).__name__
            raise SourceError(f"{told(address)}: no Parquet file, or damaged ({why}). Give a .parquet file.") from error


def _rows(parquet: pq.ParquetFile, wanted: Sequence[str]) -> Iterator[dict[str, Any]]:
    for batch in parquet.iter_batches(batch_size=_ROWS, columns=list(wanted)):
        for row in _values(_in_microseconds(batch)):
            if isinstance(bundle := row.get(_BUNDLE), str):
                row[_BUNDLE] = _unpacked(bundle)
            yield row


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times of nanoseconds, which Python's own cannot hold, cut to what they can."""
    for number, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            cut = batch.column(number).cast(pa.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(number, field.name, cut)
    return batch


def _values(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows; a value that Python cannot hold costs nothing but itself."""
    try:
        return list(batch.to_pylist())
    except _NO_VALUE:
        named = list(zip(batch.schema.names, batch.columns, strict=True))
        return [{name: _value(column[number]) for name, column in named} for number in range(batch.num_rows)]


def _value(scalar: Any) -> Any:
    if isinstance(scalar, pa.StructScalar) and scalar.is_valid:
        return {name: _value(inner) for name, inner in scalar.items()}
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes().decode("utf-8", "replace")
    except _NO_VALUE:
        return None


def _unpacked(bundle: str) -> Any:
    try:
        return json.loads(bundle)
    except (ValueError, RecursionError):
        return None


def _names(schema: pa.Schema) -> list[str]:
    """The names of the columns, those within others after a dot; a map of keys that nobody lists stands alone."""
    found: list[str] = []
    for field in schema:
        found.append(field.name)
        if pa.types.is_struct(field.type):
            found += [f"{field.name}.{inner.name}" for inner in field.type]
        elif field.name == _BUNDLE and pa.types.is_string(field.type):
            found.append(f"{_BUNDLE}.url")
    return found


def _wanted(columns: Sequence[str], whole: Sequence[str]) -> list[str]:
    """The whole columns to read, once each; a dot may stand in the name of one."""
    outer = [name if name in whole else name.partition(".")[0] for name in columns]
    return list(dict.fromkeys(name for name in outer if name in whole))
