"""Facts in, decision out: policies are read (`load`), and applied (`decide`); no jurisdiction is named in code."""
