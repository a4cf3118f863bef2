"""Two workers are twice the hands, and never two hands on one thing."""

from collections import Counter
from collections.abc import Iterator

import anyio
import pytest

from solynk.apps.demo.cast import Member, Stage
from tests.end_to_end.programs import eventually
from tests.end_to_end.town import SOON, WORKERS, City, invited, pay

BUYERS = 40
AT_ONCE = 8


@pytest.fixture
def who_did_what(city: City) -> Iterator[None]:
    """The database writes down which worker finished which command, as the connection tells."""
    city.rows(
        """
        create table finished (command uuid, worker text);
        create function finish() returns trigger language plpgsql as $$ begin
            insert into finished values (new.id, current_setting('application_name'));
            return new;
        end $$;
        create trigger finish after update on commands for each row
            when (new.status = 'done' and old.status <> 'done') execute function finish();
        """
    )
    yield
    city.rows("drop trigger finish on commands; drop function finish; drop table finished")


async def buys(stage: Stage, name: str, members: list[Member], slots: anyio.Semaphore) -> None:
    async with slots:
        member = await stage.joins_the_cast(name)
        await pay(stage, member)
        members.append(member)


@pytest.mark.anyio
@pytest.mark.usefixtures("who_did_what")
async def test_two_workers_share_the_load_and_do_nothing_twice(city: City, shop: Stage) -> None:
    members: list[Member] = []
    slots = anyio.Semaphore(AT_ONCE)
    async with anyio.create_task_group() as all_at_once:
        for number in range(BUYERS):
            all_at_once.start_soon(buys, shop, f"Buyer-{number}", members, slots)

    for member in members:
        await invited(shop, member, 2 * SOON)

    async def quiet() -> bool:
        return await shop.api.quiet()

    await eventually(quiet, "nothing is due any more", SOON)
    done = [(command, worker) for command, worker in city.rows("select * from finished")]
    shares = Counter(worker for _, worker in done)
    assert set(shares) == set(WORKERS), shares
    assert min(shares.values()) >= BUYERS / 4, shares
    assert len({command for command, _ in done}) == len(done)
    assert {await shop.told(it, "Welcome") for it in members} == {1}
