"""A TCP proxy that spoils what passes: later, byte by byte, or ended by RST in the midst of a frame.

    proxy.py LISTEN_PORT HOST PORT [--delay-ms N] [--slice N] [--reset-after N] [--resets N]

--delay-ms is added to each direction; --slice sends pieces of N bytes, each a packet; --reset-after ends a connection
with RST when it has passed N bytes from the server, --resets times at most. Listens on loopback; ends with its parent.
"""

import argparse
import ctypes
import collections
import selectors
import signal
import socket
import struct
import time


class Way:
    """One direction of a connection: what came in, and when it may leave."""

    def __init__(self, source, target):
        self.source = source
        self.target = target
        self.waiting = collections.deque()
        self.passed = 0
        self.ended = False


class Proxy:
    def __init__(self, options):
        self.options = options
        self.resets = 0
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", options.listen))
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.pairs = []

    def accept(self):
        near, _ = self.listener.accept()
        far = socket.socket()
        far.settimeout(2)
        try:
            far.connect((self.options.host, self.options.port))
        except OSError:
            near.close()
            far.close()
            return
        pair = (Way(near, far), Way(far, near))
        for way in pair:
            way.source.setblocking(False)
            way.source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(way.source, selectors.EVENT_READ, (way, pair))
        self.pairs.append(pair)

    def read(self, way, pair):
        try:
            data = way.source.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self.close(pair)
        way.waiting.append([time.monotonic() + self.options.delay_ms / 1000, memoryview(data)])

    def write(self, way, pair):
        while way.waiting and way.waiting[0][0] <= time.monotonic():
            data = way.waiting[0][1]
            try:
                sent = way.target.send(data[: self.options.slice or len(data)])
            except BlockingIOError:
                return
            except OSError:
                return self.close(pair)
            way.passed += sent
            way.waiting[0][1] = data[sent:]
            if sent == len(data):
                way.waiting.popleft()
            limit = self.options.reset_after
            if limit and way is pair[1] and way.passed >= limit and self.resets < self.options.resets:
                self.resets += 1
                print(f"reset {self.resets}", flush=True)
                return self.close(pair, hard=True)

    def close(self, pair, hard=False):
        if pair not in self.pairs:
            return
        self.pairs.remove(pair)
        for way in pair:
            self.selector.unregister(way.source)
            if hard:
                way.source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            way.source.close()

    def run(self):
        while True:
            isBusy = any(way.waiting for pair in self.pairs for way in pair)
            for key, _ in self.selector.select(0.001 if isBusy else 0.5):
                if key.data is None:
                    self.accept()
                elif key.data[1] in self.pairs:
                    self.read(*key.data)
            for pair in list(self.pairs):
                for way in pair:
                    if pair in self.pairs:
                        self.write(way, pair)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("listen", type=int)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--slice", type=int, default=0)
    parser.add_argument("--reset-after", type=int, default=0)
    parser.add_argument("--resets", type=int, default=20)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    Proxy(parser.parse_args()).run()


main()
