"""What one would write first: FastAPI, the SDK's construct_event, the ORM.

`python fastapi_orm.py PORT DATABASE_URL SECRET`, in the environment of the peers.
"""

import sys

import stripe
import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import LargeBinary, Text, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PORT, URL, SECRET = int(sys.argv[1]), sys.argv[2], sys.argv[3]

engine = create_async_engine(URL.replace("postgresql://", "postgresql+psycopg://"), pool_size=8)
session = async_sessionmaker(engine)
app = FastAPI()


class Table(DeclarativeBase):
    pass


class Event(Table):
    __tablename__ = "peer_events"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)


@app.on_event("startup")
async def make_tables():
    async with engine.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)


@app.post("/webhook")
async def webhook(request: Request):
    body = await request.body()
    event = stripe.Webhook.construct_event(body, request.headers["stripe-signature"], SECRET)
    async with session() as store:
        known = await store.scalar(select(Event).where(Event.id == event.id))
        if known is None:
            store.add(Event(id=event.id, type=event.type, account=event.account, body=body))
            await store.commit()
    return {"received": True}


if __name__ == "__main__":
    uvicorn.run(app, port=PORT, log_level="error", access_log=False)
