"""dj-stripe behind gunicorn: `python djstripe_app.py PORT DATABASE_URL SECRET SAMPLE ingest|full`.

`ingest` stores what came and does nothing about it. `full` keeps the event and the invoice in
step; Stripe's API, which it asks about each event, answers in this process and takes no time.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path
from gunicorn.app.base import BaseApplication

PORT, URL, SECRET, SAMPLE, HOW = sys.argv[1:]
UUID_OF_THE_ENDPOINT = UUID(int=1)
THREADS = 8
address = urlsplit(URL)


def nothing(trigger, api_key=None):
    del trigger, api_key


settings.configure(
    SECRET_KEY="of the benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "djstripe"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    MIGRATION_MODULES=dict.fromkeys(["contenttypes", "auth", "djstripe"]),  # the tables at once
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": address.path.lstrip("/"),
            "USER": address.username or "",
            "PASSWORD": address.password or "",
            "HOST": address.hostname,
            "PORT": address.port,
            "CONN_MAX_AGE": None,
        }
    },
    USE_TZ=True,
    LOGGING_CONFIG=None,
    STRIPE_TEST_SECRET_KEY="sk_test_" + 24 * "0",
    STRIPE_LIVE_MODE=False,
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    **({"DJSTRIPE_WEBHOOK_EVENT_CALLBACK": nothing} if HOW == "ingest" else {}),
)
django.setup()
urlpatterns = [path("stripe/", include("djstripe.urls", namespace="djstripe"))]

import stripe  # noqa: E402 -- after the settings
from django.core.wsgi import get_wsgi_application  # noqa: E402
from djstripe.models import WebhookEndpoint  # noqa: E402

INVOICE = json.loads(Path(SAMPLE).read_text())["data"]["object"]
ROWS = {"data": [], "has_more": False, "object": "list"}


class Stripe(stripe.HTTPClient):
    """The invoice of the sample, and of all else no more than an id."""

    name = "here"

    def request(self, method, url, headers, post_data=None):
        del method, headers, post_data
        kind, _, name = urlsplit(url).path.removeprefix("/v1/").partition("/")
        if kind == "account":
            name = "acct_1PgafTB1WZ6qNLrn"
        plain = {"id": name, "object": kind.removesuffix("s"), "livemode": False, "created": 1}
        answer = INVOICE if kind == "invoices" else {**plain, "metadata": {}}
        return json.dumps(answer if name else ROWS), 200, {}

    def close(self):
        pass


class Served(BaseApplication):
    def load_config(self):
        options = {"bind": f"127.0.0.1:{PORT}", "workers": 1, "worker_class": "gthread"}
        for name, value in {**options, "threads": THREADS, "loglevel": "error"}.items():
            self.cfg.set(name, value)

    def load(self):
        return get_wsgi_application()


def main():
    stripe.default_http_client = Stripe()
    call_command("migrate", run_syncdb=True, verbosity=0)
    WebhookEndpoint.objects.create(
        id="we_1",
        livemode=False,
        created=datetime(2026, 1, 1, tzinfo=UTC),
        secret=SECRET,
        url="https://example.com/stripe/webhook",
        enabled_events=["*"],
        status="enabled",
        djstripe_uuid=UUID_OF_THE_ENDPOINT,
    )
    from django.db import connections  # noqa: PLC0415 -- a worker of gunicorn is forked

    connections.close_all()
    sys.argv = sys.argv[:1]
    Served().run()


main()
