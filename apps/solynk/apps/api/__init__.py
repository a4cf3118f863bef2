"""REST, webhooks and health over HTTP, with Litestar. Thin: parse, call, translate."""

from solynk.apps.api.app import app, create_app

__all__ = ["app", "create_app"]
