"""As much of curl as the pages use, for machines that have none: -s, -H and -d."""

import argparse
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true", required=True)
    parser.add_argument("-H", action="append", default=[], dest="headers")
    parser.add_argument("-d", action="append", default=[], dest="data")
    parser.add_argument("url")
    asked = parser.parse_args()
    data: list[str] = asked.data
    told: list[str] = asked.headers
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if data else {}
    headers |= dict(it.split(": ", 1) for it in told)
    url = urlsplit(str(asked.url))
    connection = HTTPConnection(url.hostname or "", url.port)
    body = "&".join(data).encode() if data else None
    connection.request("POST" if body else "GET", url.path, body, headers)
    sys.stdout.buffer.write(connection.getresponse().read())


if __name__ == "__main__":
    main()
