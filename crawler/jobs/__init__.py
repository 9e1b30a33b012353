"""Scheduled collection: jobs.yaml, when its jobs are due, their runs, and what is recorded of them.

jobs.yaml -> read -> model -> check        what is wrong with it, all at once, with lines
cron, schedule -> calendar (apscheduler)   when a job is due
house -> book, locks                       what was, and who may
start -> watch -> wrap_up                  one run: a subprocess, never in this one
"""
