"""What scheduler_peers.py needs of the system: a network of its own, and processes that are all found and ended."""
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time


def isolate():
    """An own network namespace with only lo. Needs root or unprivileged user namespaces."""
    libc, flags, uid, gid = ctypes.CDLL(None, use_errno=True), 0x40000000, os.geteuid(), os.getegid()  # CLONE_NEWNET
    if libc.unshare(flags if uid == 0 else flags | 0x10000000):                                        # | CLONE_NEWUSER
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNET); --no-netns runs without a network namespace")
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open("/proc/self/" + name, "w") as f:
                f.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        name, fl = struct.unpack("16sH14x", fcntl.ioctl(s, 0x8913, struct.pack("16sH14x", b"lo", 0)))  # SIOCGIFFLAGS
        fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", name, fl | 1))  # SIOCSIFFLAGS, IFF_UP


def descendants():
    """{pid: command line} of every process below this one."""
    kids, cmd = {}, {}
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{p}/stat") as f:
                kids.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(p))
            with open(f"/proc/{p}/cmdline", "rb") as f:
                cmd[int(p)] = f.read().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, IndexError):
            pass
    out, todo = {}, [os.getpid()]
    while todo:
        for k in kids.get(todo.pop(), []):
            out[k] = cmd.get(k, "")
            todo.append(k)
    return out


def end_descendants():
    for sig, wait in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0)):
        end = time.monotonic() + wait
        for pid in descendants():
            try:
                os.kill(pid, sig)
            except OSError:
                pass
        while time.monotonic() < end:
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return
            time.sleep(0.02)


def rss(pids, file="status", key="VmRSS:"):
    kib = 0
    for p in pids:
        try:
            with open(f"/proc/{p}/{file}") as f:
                kib += next((int(x.split()[1]) for x in f if x.startswith(key)), 0)
        except OSError:
            pass
    return round(kib / 1024, 1)


def spawn(*args, **kw):
    return subprocess.Popen([sys.executable, *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)


def wait_for(what, cond, s=60):
    end = time.monotonic() + s
    while not cond():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)
