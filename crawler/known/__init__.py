"""Incremental collection: the book of known pages, what a crawl asks of it, and what crawls teach it.

    run folders -> learning -> book -> visiting (due pages, conditions, what is unchanged) -> run folder -> learning ...

The book is derived from the crawls that it knows; whoever loses it reads their folders again.
"""
