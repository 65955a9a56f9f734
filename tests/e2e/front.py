"""Stands in front of the API server, as a load balancer does, and can go wrong as one does.

It speaks TLS with a certificate of the cluster's authority, passes everything on, watches too, and
while a fault is on answers requests with that instead; watches that are open are cut.
"""

import contextlib
import dataclasses
import http.server
import ssl
import threading
from collections.abc import Callable

import urllib3

LOGIN_PAGE = b"<!DOCTYPE html><html><body><h1>Please log in</h1></body></html>"


@dataclasses.dataclass
class Fault:
    answer: tuple  # status, content type, body
    only: Callable
    after: bool


class Front:
    def __init__(self, cluster):
        self.cluster = cluster
        self.fault = None
        self.faults_given = 0
        self.open = set()  # what is streamed from the API server
        self.connections = set()  # of clients
        self.lock = threading.Lock()
        self.pool = urllib3.PoolManager(maxsize=64, ca_certs=str(cluster.authority.certificate))
        front = self

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self):
                connection, address = super().get_request()
                with front.lock:
                    context = front.context
                return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

            def handle_error(self, request, client_address):
                pass  # a client that does not like the certificate hangs up

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                self.request.settimeout(30)
                self.request.do_handshake()
                super().setup()
                with front.lock:
                    front.connections.add(self.connection)

            def finish(self):
                with front.lock:
                    front.connections.discard(self.connection)
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

            def handle_one_request(self):
                with contextlib.suppress(OSError):
                    return super().handle_one_request()
                self.close_connection = True

            def do_GET(self):
                front._pass_on(self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, *_):
                pass

        self.show(cluster.authority.issue("front", "front", addresses=["IP:127.0.0.1"]))
        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def show(self, identity):
        """From now on new connections see this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*identity)
        with self.lock:
            self.context = context

    def cut(self):
        """Ends what is open: watches, and connections that are kept for the next request."""
        with self.lock:
            upstream, connections = list(self.open), list(self.connections)
        for response in upstream:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                response.shutdown()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(2)

    @contextlib.contextmanager
    def answering(self, status, body=LOGIN_PAGE, content_type="text/html", only=lambda *_: True, after=False):
        """Requests of which `only(method, path)` is true; after: the API server has carried them out."""
        self.faults_given = 0
        self.fault = Fault((status, content_type, body), only, after)
        self.cut()
        try:
            yield
        finally:
            self.fault = None

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.cut()

    def _pass_on(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        fault = self.fault
        if fault and not fault.only(handler.command, handler.path):
            fault = None
        if fault and not fault.after:
            self.faults_given += 1
            return _send(handler, *fault.answer)
        headers = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() not in ("host", "connection", "content-length", "accept-encoding")
        }
        try:
            answer = self.pool.request(
                handler.command, self.cluster.server + handler.path, body=body or None, headers=headers,
                preload_content=False, retries=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError:
            return _send(handler, 502, "text/plain", b"the API server is not there")
        try:
            if "watch=true" in handler.path and answer.status == 200:
                return self._stream(handler, answer)
            data = answer.read()
            if fault:
                self.faults_given += 1
                return _send(handler, *fault.answer)
            _send(handler, answer.status, answer.headers.get("Content-Type", "application/json"), data)
        finally:
            answer.release_conn()

    def _stream(self, handler, answer):
        handler.send_response(200)
        handler.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        with self.lock:
            self.open.add(answer)
        try:
            for chunk in answer.stream(65536, decode_content=True):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            handler.wfile.write(b"0\r\n\r\n")
        except (urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError):
            handler.close_connection = True
        finally:
            with self.lock:
                self.open.discard(answer)


def _send(handler, status, content_type, body):
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
