"""Release: the kept records of one policy -> set rules, suppressions, reviews -> new shards and a receipt.

`make.py` tells the whole; `census.py` knows every candidate, `measures.py` measures the set, `review.py` reads what
people decided, `suppress.py` what must not be in it, `receipt.py` writes down what was asked and what came of it.
"""
