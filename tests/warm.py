"""`scrapy ...` as a process of its own, forked from one that has imported it: the same code and the same outputs.

    test ─> socket ─> the warm process ─fork─> a runner, which waits ─fork─> the command
                                       ─> a fork server, from which the workers of all commands are forked

Importing Scrapy and our commands takes more than a second, what workers need two, and the tests run some hundreds of
commands. `cold` starts one from nothing, as a user does; so do the tests of planted values (what a worker says by
itself goes nowhere here), crashes, jobs, clusters and entry points.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing import forkserver
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST_S = 240


def run(
    *arguments: str, cwd: Path = ROOT, stdin: str = "", environment: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """The command, to its end. Raises subprocess.TimeoutExpired."""
    asked = {"arguments": arguments, "environment": dict(environment), "cwd": str(cwd)}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(_address())
            connection.settimeout(LONGEST_S)
            files = array.array("i", [given.fileno(), out.fileno(), err.fileno()])
            connection.sendmsg([b"f"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
            connection.sendall(json.dumps(asked).encode() + b"\n")
            answers = connection.makefile("r")
            process = int(answers.readline())
            try:
                code = int(answers.readline())
            except TimeoutError as error:
                os.kill(process, signal.SIGKILL)
                raise subprocess.TimeoutExpired(["scrapy", *arguments], LONGEST_S) from error
        told = [_read(file.fileno()) for file in (out, err)]
    return subprocess.CompletedProcess([sys.executable, "-m", "scrapy", *arguments], code, *told)


def cold(*arguments: str, environment: Mapping[str, str] = os.environ) -> subprocess.CompletedProcess[str]:
    """The same, with nothing imported before. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False,
    )  # fmt: skip


def _read(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(os.dup(file), encoding="utf-8") as text:
        return text.read()


@cache
def _address() -> str:
    """Start the warm process; it ends with this one."""
    address = f"{tempfile.mkdtemp()}/warm"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warm", address], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    atexit.register(process.stdin.close)
    assert process.stdout.readline() == b"warm\n"
    return address


def _serve(address: str) -> None:
    """Fork for each who asks, until whoever started it is gone; returns in the process of a command only."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(16)
        os.write(1, b"warm\n")
        while True:
            ready, _, _ = select.select([listening.fileno(), 0], [], [])
            if 0 in ready:
                os.unlink(address)
                os.rmdir(os.path.dirname(address))
                os._exit(0)
            connection, _ = listening.accept()
            _reap()
            if not os.fork():
                listening.close()
                return _command(connection)
            connection.close()


def _command(connection: socket.socket) -> None:
    """Read what is asked, fork again, report how it ended; returns in the command's own process."""
    _, parts, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(3 * 4))
    files = array.array("i", parts[0][2])
    asked = json.loads(connection.makefile("rb").readline())
    command = os.fork()
    if command:
        connection.sendall(b"%d\n" % command)
        _, status = os.waitpid(command, 0)
        connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
        os._exit(0)
    connection.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["cwd"])
    sys.path[0] = asked["cwd"]
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[1:] = asked["arguments"]


def _reap() -> None:
    """Forget the runners that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _start_fork_server() -> None:
    """One for all commands: they take it as running, since only its own parent may ask whether it is."""
    from crawler.workers import PRELOAD

    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # as `crawler.workers` sets them
    forkserver.set_forkserver_preload([PRELOAD])
    forkserver.ensure_running()
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]


def _main() -> None:
    import scrapy.__main__
    from scrapy.cmdline import execute
    from scrapy.utils.misc import walk_modules_iter

    list(walk_modules_iter("crawler.commands"))
    _start_fork_server()
    _serve(sys.argv[1])
    sys.modules["__main__"] = scrapy.__main__  # as after `python -m scrapy`
    sys.argv[0] = str(scrapy.__main__.__file__)
    execute()


if __name__ == "__main__":
    _main()
