"""A small web on loopback: real pages under invented host names, with every kind of opt-out (see site/README.md)."""
