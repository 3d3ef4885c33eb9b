"""The process between the server and everyone who uses it.

It is run as a program of its own (`python -I -S launcher.py LISTENER UID GID -- command …`) with
the standard library alone. It starts the server as its child and counts the processes that hold a
connection to the LISTENER socket. When the last one is gone, however it went, the server is asked
to shut down. A kernel closes the connections of a killed process, so `kill -9` needs no special
case, on any system. Should the launcher itself be killed, Linux interrupts the server
(`PR_SET_PDEATHSIG`); elsewhere the server goes on and the next start attaches to nothing but waits
for its lock, which the server inherited.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import sys
import time

PR_SET_PDEATHSIG = 1
SHUTDOWN_WITHIN_SECONDS = 20
STILL_HERE = b"+"


def main(arguments: list[str]) -> int:
    """Run the server named on the command line for as long as somebody holds it."""
    listener = socket.socket(fileno=int(arguments[0]))
    uid, gid = int(arguments[1]), int(arguments[2])
    command = arguments[4:]
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    os.umask(0o077)
    os.chdir("/")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.set_inheritable(listener.fileno(), False)
    wakeups = _watch_signals()
    server = _start_server(command, libc)
    return _Watch(listener, wakeups, server).run()


def _watch_signals() -> socket.socket:
    """Turn signals into readable bytes, so that one loop waits for everything."""
    receiver, sender = socket.socketpair()
    receiver.setblocking(False)
    sender.setblocking(False)
    signal.set_wakeup_fd(sender.detach())
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return receiver


def _start_server(command: list[str], libc: "ctypes.CDLL | None") -> int:
    launcher = os.getpid()
    server = os.fork()
    if server:
        return server
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() == launcher:
            os.execv(command[0], command)
    except OSError as error:
        os.write(2, f"FATAL:  {command[0]}: {error.strerror}\n".encode())
    os._exit(127)


class _Watch:
    """Waits for holders to come and go, for the server to end, and for signals."""

    def __init__(self, listener: socket.socket, wakeups: socket.socket, server: int) -> None:
        self.listener = listener
        self.wakeups = wakeups
        self.server = server
        self.holders: set[socket.socket] = set()
        self.last: socket.socket | None = None
        self.kill_at: float | None = None
        self.selector = selectors.DefaultSelector()
        listener.setblocking(False)
        for source in (listener, wakeups):
            self.selector.register(source, selectors.EVENT_READ)

    def run(self) -> int:
        while True:
            patience = None if self.kill_at is None else max(0.0, self.kill_at - time.monotonic())
            ready = self.selector.select(patience)
            for key, _ in ready:
                source = key.fileobj
                assert isinstance(source, socket.socket)
                if source is self.listener:
                    self._welcome()
                elif source is self.wakeups:
                    self._on_signal()
                else:
                    self._on_holder(source)
            ended, status = os.waitpid(self.server, os.WNOHANG)
            if ended:
                return 0 if status == 0 else 1
            if self.kill_at is not None and time.monotonic() >= self.kill_at:
                os.kill(self.server, signal.SIGQUIT)
                self.kill_at += SHUTDOWN_WITHIN_SECONDS

    def _welcome(self) -> None:
        try:
            holder, _ = self.listener.accept()
        except OSError:
            return
        holder.setblocking(False)
        with contextlib.suppress(OSError):
            holder.send(STILL_HERE)
        self.holders.add(holder)
        self.selector.register(holder, selectors.EVENT_READ)

    def _on_signal(self) -> None:
        numbers = self.wakeups.recv(64)
        if set(numbers) - {signal.SIGCHLD, signal.SIGHUP}:
            self._stop()

    def _on_holder(self, holder: socket.socket) -> None:
        try:
            if holder.recv(64):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.selector.unregister(holder)
        self.holders.discard(holder)
        if self.holders:
            holder.close()
        else:
            # The last one's connection stays open until the server is down: its end is the answer.
            self.last = holder
            self._stop()

    def _stop(self) -> None:
        if self.kill_at is None:
            self.kill_at = time.monotonic() + SHUTDOWN_WITHIN_SECONDS
            self.selector.unregister(self.listener)
            self.listener.close()
            os.kill(self.server, signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
