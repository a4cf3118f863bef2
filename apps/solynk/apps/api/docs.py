"""The API's description as one page: no scripts, and nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final, cast

from litestar import Request
from litestar.constants import OPENAPI_JSON_HANDLER_NAME
from litestar.openapi.plugins import OpenAPIRenderPlugin

STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1f;background:#fff}
code{background:#f0f0f4;padding:.1em .3em;border-radius:.2em}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem .3rem 0;
border-bottom:1px solid #ddd;vertical-align:top}
"""

POLICY: Final = (
    "default-src 'none'; frame-ancestors 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
"""The page's own style is all that a browser may use."""

Json = Mapping[str, Any]


class Page(OpenAPIRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        link = escape(request.app.route_reverse(OPENAPI_JSON_HANDLER_NAME))
        sections = "".join(_section(tag, rows) for tag, rows in _by_tag(openapi_schema).items())
        title = escape(f"{openapi_schema['info']['title']} {openapi_schema['info']['version']}")
        about = escape(openapi_schema["info"].get("description", ""))
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
            f'<body><main><h1>{title}</h1><p>{about}</p><p>The whole description: <a href="{link}">'
            f"OpenAPI, in JSON</a></p>{sections}</main></body></html>"
        ).encode()


def _by_tag(schema: Json) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in cast("Json", methods).items():
            tag = next(iter(operation.get("tags", ["other"])))
            found.setdefault(tag, []).append(_row(path, method, operation))
    return found


def _section(tag: str, rows: Iterable[str]) -> str:
    head = (
        '<tr><th scope="col">Call</th><th scope="col">Meaning</th><th scope="col">Answers</th></tr>'
    )
    return (
        f"<h2>{escape(tag)}</h2><table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _row(path: str, method: str, operation: Json) -> str:
    call = f"<code>{escape(method.upper())} {escape(path)}</code>"
    statuses = escape(", ".join(sorted(operation.get("responses", {}))))
    return f"<tr><td>{call}</td><td>{escape(operation.get('summary', ''))}</td><td>{statuses}</td></tr>"
