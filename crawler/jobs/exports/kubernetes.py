"""A CronJob for each job (batch/v1), with a volume that the runs of all jobs share.

Kubernetes reads cron with robfig/cron: Sunday is 0 and never 7, and a field such as `*/2` does restrict its day.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML

from crawler.jobs.exports import Caller, ExportError, fields_of
from crawler.jobs.model import Job

NAME = "usufruct-jobs.yaml"
IMAGE = "usufruct:0.1.0"
CONCURRENCY = {"skip": "Forbid", "stop": "Replace", "queue": "Allow"}  # `jobs run` itself waits for the one before
MISSED_S = 86_400  # how late a run may begin, where the job does not say
AT_ONCE_S = 60  # where it is not to be made up for; below 10 Kubernetes may start nothing at all
_LONGEST = 52  # characters of a CronJob's name


def check(job: Job) -> None:
    """Raise ExportError for what a CronJob cannot say."""
    assert job.schedule
    fields_of(job.schedule)
    line = job.schedule.line if job.schedule.cron else None
    if line and not line.either_day and any("/" in field for field in _days(job)) and "*" not in _days(job):
        raise ExportError(
            "Kubernetes takes either day where cron wants both (a field that begins with * and has a step beside a "
            "restricted one); write the days as a list"
        )
    if len(_name(job)) > _LONGEST:
        raise ExportError(f"the name is too long for a CronJob: {_LONGEST - len('usufruct-')} characters are allowed")


def export(jobs: Sequence[Job], caller: Caller) -> dict[str, str]:
    """One file; raises ExportError where two jobs would have the same name, or no folder that a pod can write to."""
    if not caller.folder.is_absolute():
        raise ExportError(
            f"folder: '{caller.folder}' is beside jobs.yaml, which a pod has read-only; give an absolute one, such as "
            "/data/collections"
        )
    names = [_name(job) for job in jobs]
    for job, name in zip(jobs, names, strict=True):
        if names.count(name) > 1:
            raise ExportError(f"{job.name}: another job would be named {name}, too: Kubernetes knows a-z, 0-9 and -")
    stream, writer = io.StringIO(), YAML()
    writer.width = 120
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump_all([_cron_job(job, caller) for job in jobs], stream)
    return {NAME: _HEAD + stream.getvalue()}


_HEAD = """\
# By `scrapy jobs export kubernetes`. Expected are the image, a volume claim `usufruct` that every node can write to, a
# config map `usufruct-jobs` with jobs.yaml and its seeds, and a secret `usufruct-keys`. Resources are a beginning.
"""


def _days(job: Job) -> tuple[str, str]:
    assert job.schedule
    fields, _ = fields_of(job.schedule)
    return fields[2], fields[4]


def _name(job: Job) -> str:
    return "usufruct-" + re.sub(r"[^a-z0-9-]", "-", job.name.lower()).strip("-")


def _cron_job(job: Job, caller: Caller) -> dict[str, Any]:
    assert job.schedule
    fields, zone = fields_of(job.schedule)
    labels = {"app.kubernetes.io/name": "usufruct", "app.kubernetes.io/component": "job"}
    deadline = (job.within_s or MISSED_S) if job.missed == "run" else AT_ONCE_S
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": _name(job), "labels": dict(labels)},
        "spec": {
            "schedule": " ".join(fields),
            "timeZone": zone,
            "concurrencyPolicy": CONCURRENCY[job.overlap],
            "startingDeadlineSeconds": max(deadline, AT_ONCE_S),
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 2,  # a pod that went down is gone on with by the next
                    "template": {"metadata": {"labels": dict(labels)}, "spec": _pod(job, caller)},
                }
            },
        },
    }


def _pod(job: Job, caller: Caller) -> dict[str, Any]:
    file = f"/etc/usufruct/{caller.file.name}"
    return {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": caller.grace_s + 60,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "runAsGroup": 10001, "fsGroup": 10001},
        "containers": [
            {
                "name": "crawl",
                "image": IMAGE,
                "args": ["jobs", "run", job.name, "--due", "--file", file],
                "resources": {
                    "requests": {"cpu": "1", "memory": "2Gi"},
                    "limits": {"cpu": "2", "memory": "8Gi"},
                },
                "volumeMounts": [
                    {"name": "collections", "mountPath": str(caller.folder)},
                    {"name": "jobs", "mountPath": "/etc/usufruct", "readOnly": True},
                    {"name": "keys", "mountPath": "/keys/usufruct", "readOnly": True},
                    {"name": "cache", "mountPath": "/cache"},
                ],
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ],
        "volumes": [
            {"name": "collections", "persistentVolumeClaim": {"claimName": "usufruct"}},
            {"name": "jobs", "configMap": {"name": "usufruct-jobs"}},
            {"name": "keys", "secret": {"secretName": "usufruct-keys", "defaultMode": 0o440}},
            {"name": "cache", "emptyDir": {}},
        ],
    }
