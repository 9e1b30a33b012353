"""WARC, Parquet -> evidence."""
