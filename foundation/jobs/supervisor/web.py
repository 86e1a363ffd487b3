"""gunicorn's configuration. Under the supervisor the address is taken already, and requests wait for migrations."""

import gc
import os
from typing import Any

_address = os.environ.get("TOLLGATE_LISTEN_FD")
_gate = os.environ.get("TOLLGATE_GATE_FD")

bind = [f"fd://{_address}"] if _address else [f"{os.environ.get('HOST') or '0.0.0.0'}:{os.environ.get('PORT') or 8000}"]  # nosec B104 - a container listens on all of its addresses
wsgi_app = "portal.wsgi:application"
worker_class = "gthread"
workers = 2
threads = 4
# Loaded once, then forked: quicker to start and smaller; no connection is open at that time.
preload_app = True
timeout = 60
graceful_timeout = 8
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
loglevel = "warning"


def spare_the_collector() -> None:
    """Leave what is loaded to itself, and look for cycles less often.

    A page that reads ten thousand rows makes enough objects for several passes over all of Django: a quarter of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def when_ready(server: Any) -> None:
    """Hold requests back until the supervisor has the database ready: it closes the other end of the pipe."""
    spare_the_collector()
    if _gate:
        while os.read(int(_gate), 1):
            pass
        os.close(int(_gate))
