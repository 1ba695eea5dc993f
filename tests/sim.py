"""The simulator's own calls, beside vSphere's (docs/simulator.md)."""

import json
import ssl
from base64 import b64encode
from http.client import HTTPSConnection
from typing import Any


def sim(address: str, user: str, password: str, what: str) -> dict[str, Any]:
    """What the simulator at an address answers to a call such as `advance?hours=1`; one that it refuses is a failure."""
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection(host, int(port), context=context)
    pair = b64encode(f"{user}:{password}".encode()).decode()
    connection.request("POST", f"/sim/{what}", headers={"Authorization": f"Basic {pair}"})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    assert response.status == 200, text
    said: dict[str, Any] = json.loads(text)
    return said
