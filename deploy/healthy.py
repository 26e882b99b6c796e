"""Whether the process in this container is well; for a container's health check.

Asks a worker's /health by the port of its settings, and says what is wrong. With --port it only
looks whether somebody takes connections there, which is all that a gateway can be asked.
"""

import http.client
import os
import socket
import sys

PORT = "BACKSTAY_METRICS__PORT"
PORT_DEFAULT = 9464
SECONDS_MAX = 4.0


def health(port: int) -> tuple[bool, str]:
    """What a worker says of itself."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status == http.client.OK, answer.read().decode()
    finally:
        connection.close()


def accepts(port: int) -> tuple[bool, str]:
    """Whether somebody takes connections."""
    socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX).close()
    return True, "it takes connections"


def main(words: list[str]) -> int:
    """0 if all is well, else 1; one document or line says why."""
    try:
        if words:
            well, text = accepts(int(words[0].removeprefix("--port=")))
        else:
            well, text = health(int(os.environ.get(PORT, PORT_DEFAULT)))
    except (OSError, http.client.HTTPException) as error:
        well, text = False, f"nobody answers: {error}"
    sys.stdout.write(f"{text}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
