"""Programs that make the weights of the name taggers from freely licensed texts; see README.md."""
