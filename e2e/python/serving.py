"""What every application here has in common: the surroundings that the test gives it, and the server it runs in."""

import os

from werkzeug.serving import make_server

ISSUER = os.environ["ISSUER"]
CLIENT_ID = os.environ["CLIENT_ID"]
CLIENT_SECRET = os.environ["CLIENT_SECRET"]
PORT = int(os.environ["PORT"])
ORIGIN = f"http://localhost:{PORT}"


def serve(application):
    """Answers until the process is told to stop; tabs are answered at the same time."""
    make_server("127.0.0.1", PORT, application, threaded=True).serve_forever()
