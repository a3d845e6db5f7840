"""Handshakes with keys that nobody knows, so many a second.

    strangers.py HOST:PORT COORDINATOR_PUBLIC_FILE RATE SECONDS

Each is a whole CURVE handshake by libzmq with a new key, refused by the coordinator at its last step. Prints how
many were refused, and how many that was a second. Loopback only; ends by itself, or with its parent.
"""

import collections
import ctypes
import signal
import sys
import time

MAX_SOCKETS = 2
OPEN_LIMIT = 200
DEALER, LINGER, SERVERKEY, PUBLICKEY, SECRETKEY = 5, 17, 50, 48, 49
HANDSHAKE_FAILED_AUTH, PAIR, DONTWAIT = 0x4000, 0, 1


class Strangers:
    def __init__(self, address, public):
        self.zmq = ctypes.CDLL("libzmq.so.5")
        for name in ("zmq_ctx_new", "zmq_socket"):
            getattr(self.zmq, name).restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.zmq.zmq_ctx_new())
        self.zmq.zmq_ctx_set(self.context, MAX_SOCKETS, 4096)
        self.endpoint = b"tcp://" + address.encode()
        self.public = public.encode()
        self.number = 0
        self.open = collections.deque()
        self.refused = 0
        self.slow = 0

    def set_text(self, socket, option, text):
        assert self.zmq.zmq_setsockopt(socket, option, text, len(text) + 1) == 0

    def knock(self):
        """Begins a handshake with a new pair of keys."""
        self.number += 1
        own, secret = ctypes.create_string_buffer(41), ctypes.create_string_buffer(41)
        self.zmq.zmq_curve_keypair(own, secret)
        socket = ctypes.c_void_p(self.zmq.zmq_socket(self.context, DEALER))
        zero = ctypes.c_int(0)
        self.zmq.zmq_setsockopt(socket, LINGER, ctypes.byref(zero), 4)
        self.set_text(socket, SERVERKEY, self.public)
        self.set_text(socket, PUBLICKEY, own.value)
        self.set_text(socket, SECRETKEY, secret.value)
        place = b"inproc://stranger-%d" % self.number
        self.zmq.zmq_socket_monitor(socket, place, HANDSHAKE_FAILED_AUTH)
        monitor = ctypes.c_void_p(self.zmq.zmq_socket(self.context, PAIR))
        self.zmq.zmq_connect(monitor, place)
        assert self.zmq.zmq_connect(socket, self.endpoint) == 0
        self.open.append((socket, monitor, time.monotonic() + 2))

    def reap(self):
        """Closes what was refused, or waited two seconds for it."""
        buffer = ctypes.create_string_buffer(64)
        for _ in range(len(self.open)):
            socket, monitor, end = self.open.popleft()
            if self.zmq.zmq_recv(monitor, buffer, 64, DONTWAIT) >= 0:
                self.refused += 1
            elif time.monotonic() < end:
                self.open.append((socket, monitor, end))
                continue
            else:
                self.slow += 1
            self.zmq.zmq_socket_monitor(socket, None, 0)
            self.zmq.zmq_close(monitor)
            self.zmq.zmq_close(socket)


def main():
    address, public, rate, seconds = sys.argv[1:]
    assert address.startswith("127.0.0.1:"), "loopback only"
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    with open(public) as file:
        key = [word for word in file.read().split() if len(word) == 40][0]
    strangers = Strangers(address, key)
    begin = time.monotonic()
    stop, late_s = [], 0.0
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    while not stop and (passed_s := time.monotonic() - begin) < float(seconds):
        # What a busy machine could not do in time is not made up for all at once.
        due = int((passed_s - late_s) * float(rate)) - strangers.number
        late_s += max(0, due - 20) / float(rate)
        for _ in range(min(20, due, OPEN_LIMIT - len(strangers.open))):
            strangers.knock()
        strangers.reap()
        time.sleep(0.004)
    passed_s = time.monotonic() - begin
    print(f"{strangers.refused} {strangers.refused / passed_s:.0f} {strangers.slow}", flush=True)


main()
