"""A client that connects to TLS servers all the time, and believes nothing that it cannot verify."""
import collections
import itertools
import socket
import ssl
import threading
import time


class Visitor(threading.Thread):
    """Visits each address in turn, about `per_second` times a second altogether: a full handshake with verification
    of chain, dates and host name, and an answer over the connection."""

    PATIENCE_SECONDS = 10

    def __init__(self, addresses, authorities, per_second):
        super().__init__(daemon=True)
        self.addresses, self.interval = addresses, 1 / per_second
        self.context = ssl.create_default_context(cafile=str(authorities))
        self.handshakes, self.failures = 0, []
        self.serials = {name: collections.OrderedDict() for name in addresses}  # serial: when it was seen first
        self.changed = threading.Condition()
        self.over = threading.Event()

    def run(self):
        next_visit = time.monotonic()
        for name in itertools.cycle(self.addresses):
            if self.over.is_set():
                return
            self._visit(name)
            next_visit = max(next_visit + self.interval, time.monotonic())
            self.over.wait(next_visit - time.monotonic())

    def _visit(self, name):
        try:
            with socket.create_connection(self.addresses[name], timeout=self.PATIENCE_SECONDS) as connection:
                with self.context.wrap_socket(connection, server_hostname=name) as tls:
                    serial = tls.getpeercert()["serialNumber"].lower().lstrip("0")
                    tls.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
                    answer = tls.recv(1024)
            if b" 200 " not in answer:
                raise OSError(f"the answer was {answer[:60]!r}")
        except OSError as problem:  # ssl.SSLError is one
            with self.changed:
                self.failures.append(f"{time.strftime('%H:%M:%S')} {name}: {problem}")
            return
        with self.changed:
            self.handshakes += 1
            if serial not in self.serials[name]:
                self.serials[name][serial] = time.monotonic()
                self.changed.notify_all()

    def await_new_serials(self, names, patience_seconds):
        """Was each name served with a certificate before long that was not seen until now?"""
        with self.changed:
            before = {name: len(self.serials[name]) for name in names}
            return self.changed.wait_for(
                lambda: all(len(self.serials[name]) > before[name] for name in names), patience_seconds)

    def stop(self):
        self.over.set()
        self.join()
