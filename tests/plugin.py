"""The test harness as one pytest plugin.

`db`             one transaction per test, rolled back; connected as boai_app, scope EVERYWHERE
`own_database`   a fresh copy of the migrated database for tests with threads, commits or kills
`live`, `page`   a running server on its own database, and a Chromium page (skips loudly without Chromium)
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from boai.people.actor import Actor
    from boai.people.models import Branch

COUNTIES = ["430121", "621121", "520624", "522622"]
TONGWEI = "621121000000"
TEMPLATE = "boai_template"


def cluster() -> Any:
    """The throw-away cluster of this run."""
    from pathlib import Path

    from boai.launcher.cluster import Cluster

    data, password = os.environ["BOAI_CLUSTER"].split("|")
    return Cluster(Path(data), password)


def pytest_configure(config: pytest.Config) -> None:
    if "BOAI_CLUSTER" not in os.environ:
        raise pytest.UsageError("Run the tests by `./boai test [PATH]`: it starts the database they need.")
    settings.register_profile("same", derandomize=True, deadline=None)
    settings.register_profile("explore", max_examples=2_000, deadline=None, print_blob=True)
    settings.load_profile("explore" if os.environ.get("BOAI_EXPLORE") else "same")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Migrate once as the owner, load the divisions of four counties, and keep a template for copies."""
    from django.db import connections

    from boai.kernel.scope import EVERYWHERE, scoped
    from boai.launcher.django_host import migrate
    from boai.launcher.environment import open_roles

    with django_db_blocker.unblock():
        migrate()
        open_roles(dict(os.environ))
        with scoped(EVERYWHERE):
            _load_ground()
        connections.close_all()
        with cluster().admin() as admin:
            admin.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE boai OWNER boai_owner")
    yield
    with django_db_blocker.unblock():
        connections.close_all()


def _load_ground() -> None:
    from importlib.util import find_spec

    if find_spec("boai.regions.services"):
        from boai.regions.services import divisions_load_subset

        divisions_load_subset(counties=COUNTIES)
    if find_spec("boai.rulebook.services"):
        from boai.rulebook.services import defaults_load

        defaults_load(at=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _scope(request: pytest.FixtureRequest) -> None:
    """Tests marked django_db get the scope as well."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of the test's own; every thread's `connection` leads there. Yields its name."""
    from django.db import connections

    from boai.kernel.scope import EVERYWHERE, set_scope

    name = f"t_{uuid4().hex[:12]}"
    with cluster().admin() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER boai_owner STRATEGY file_copy")
    with django_db_blocker.unblock():
        connections.close_all()
        before = {alias: connections.settings[alias]["NAME"] for alias in connections.settings}
        for alias in before:
            connections.settings[alias]["NAME"] = name
            connections[alias].settings_dict["NAME"] = name
        try:
            set_scope(EVERYWHERE)
            yield name
        finally:
            connections.close_all()
            for alias, old in before.items():
                connections.settings[alias]["NAME"] = old
                connections[alias].settings_dict["NAME"] = old
            with cluster().admin() as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def at() -> datetime:
    """A fixed moment: 2026-11-24 10:00 in China, a Tuesday."""
    return datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def county(request: pytest.FixtureRequest) -> Branch:
    """The Red Cross branch of 通渭县."""
    from boai.people.models import Branch

    if "own_database" not in request.fixturenames:
        request.getfixturevalue("db")
    branch, _ = Branch.objects.get_or_create(region_code=TONGWEI, name="通渭县红十字会", kind="society")
    return branch


@pytest.fixture
def actor_for(county: Branch) -> Callable[..., Actor]:
    """Make a user with a post and act in it: `actor_for("officer")`, `actor_for("cadre", branch)`."""
    from boai.people.actor import Actor
    from boai.people.models import Post, User

    def make(role: str, branch: Branch | None = None, name: str = "") -> Actor:
        place = branch or county
        user = User.objects.create(
            username=f"{role}-{uuid4().hex[:8]}",
            name=name or f"{role}甲",
            date_joined=datetime(2026, 1, 1, tzinfo=UTC),
            password="!",
        )
        post = Post.objects.create(user=user, branch=place, role=role, starts_on=date(2026, 1, 1))
        return Actor.in_post(
            user_id=user.id,
            name=user.name,
            role=role,
            post_id=post.id,
            branch_id=place.id,
            branch_name=place.name,
            region_code=place.region_code,
        )

    return make


@pytest.fixture
def live(own_database: str) -> Iterator[str]:
    """The base address of a server on a database of its own."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.db import connections
    from django.test.testcases import LiveServerThread
    from django.test.utils import override_settings

    with override_settings(ALLOWED_HOSTS=["*"], DEBUG=False):
        thread = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        if thread.error:
            raise thread.error
        try:
            yield f"http://localhost:{thread.port}"
        finally:
            thread.terminate()
            connections.close_all()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium through Playwright; skips, loudly, where there is none."""
    path = os.environ.get("BOAI_CHROMIUM")
    if not path:
        pytest.skip("NO CHROMIUM: this browser story was not run (apt install chromium)")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        with _clicks_wait_for_the_page():
            yield chromium
        chromium.close()


@contextmanager
def _clicks_wait_for_the_page() -> Iterator[None]:
    """A click that leads to another page ends when the answer begins to come; stories go on when it is there."""
    from playwright.sync_api import Locator

    click = Locator.click

    def settled(self: Locator, *args: Any, **kwargs: Any) -> None:
        click(self, *args, **kwargs)
        self.page.wait_for_load_state()

    Locator.click = settled  # type: ignore[method-assign]  # put back below
    try:
        yield
    finally:
        Locator.click = click  # type: ignore[method-assign]  # as it was


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser context at 1440 px, in Chinese."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A fresh browser context at 360 px with touch, in Chinese."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def race() -> Callable[[list[Callable[[], Any]]], list[Any]]:
    """Run callables at the same moment, one thread each; their results or exceptions, in order."""

    def run(jobs: list[Callable[[], Any]]) -> list[Any]:
        from django.db import connections

        from boai.kernel.scope import EVERYWHERE, set_scope

        barrier = threading.Barrier(len(jobs))
        results: list[Any] = [None] * len(jobs)

        def work(i: int) -> None:
            try:
                set_scope(EVERYWHERE)
                barrier.wait(10)
                results[i] = jobs[i]()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                results[i] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(i,)) for i in range(len(jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run
