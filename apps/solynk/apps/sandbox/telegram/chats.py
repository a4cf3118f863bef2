"""Chats with their members, invite links and join requests, held in memory."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from solynk.apps.sandbox.telegram.memberships import (
    Administrator,
    Banned,
    Membership,
    Owner,
    is_inside,
    lapsed,
    unix,
)
from solynk.apps.sandbox.telegram.people import Person

ChatType: TypeAlias = Literal["channel", "supergroup", "group"]


@dataclass
class InviteLink:
    url: str
    creator: Person
    name: str = ""
    creates_join_request: bool = False
    member_limit: int = 0
    expires_at: datetime | None = None
    is_primary: bool = False
    is_revoked: bool = False
    used_by: set[int] = field(default_factory=set[int])

    def is_open(self, at: datetime) -> bool:
        expired = self.expires_at is not None and self.expires_at <= at
        full = 0 < self.member_limit <= len(self.used_by)
        return not (self.is_revoked or expired or full)

    def url_seen_by(self, viewer: int) -> str:
        """Links of other administrators are shown to a bot cut short."""
        return self.url if self.creator.id == viewer else f"{self.url[:-8]}…"

    def as_json(self, viewer: int, pending: int = 0) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "invite_link": self.url_seen_by(viewer),
            "creator": self.creator.as_json(),
            "creates_join_request": self.creates_join_request,
            "is_primary": self.is_primary,
            "is_revoked": self.is_revoked,
        }
        optional: dict[str, Any] = {
            "name": self.name,
            "expire_date": unix(self.expires_at),
            "member_limit": self.member_limit,
            "pending_join_request_count": pending,
        }
        return shown | {name: value for name, value in optional.items() if value}


@dataclass(frozen=True)
class JoinRequest:
    person: Person
    asked_at: datetime
    link: InviteLink


@dataclass
class Chat:
    """`migrated_to` is set on a basic group that has become a supergroup."""

    id: int
    type: ChatType
    title: str
    username: str = ""
    memberships: dict[int, Membership] = field(default_factory=dict[int, Membership])
    links: dict[str, InviteLink] = field(default_factory=dict[str, InviteLink])
    requests: dict[int, JoinRequest] = field(default_factory=dict[int, JoinRequest])
    migrated_to: int | None = None

    def membership(self, person_id: int, at: datetime) -> Membership | None:
        """None for somebody who was never here."""
        known = self.memberships.get(person_id)
        return lapsed(known, at) if known else None

    def has_inside(self, person_id: int, at: datetime) -> bool:
        return is_inside(self.membership(person_id, at))

    def is_run_by(self, person_id: int) -> bool:
        known = self.memberships.get(person_id)
        return isinstance(known, Owner | Administrator)

    def allows(self, person_id: int, right: str) -> bool:
        known = self.memberships.get(person_id)
        if isinstance(known, Administrator):
            return right in known.rights
        return isinstance(known, Owner)

    def owner_id(self) -> int:
        return next(who for who, how in self.memberships.items() if how == Owner())

    def inside(self, at: datetime) -> list[int]:
        return [who for who in self.memberships if self.has_inside(who, at)]

    def banned(self, at: datetime) -> dict[int, Banned]:
        standing = {who: self.membership(who, at) for who in self.memberships}
        return {who: how for who, how in standing.items() if isinstance(how, Banned)}

    def pending_by(self, link: InviteLink) -> int:
        return sum(request.link is link for request in self.requests.values())

    def primary_link_of(self, person_id: int) -> InviteLink | None:
        return next(
            (
                link
                for link in self.links.values()
                if link.is_primary and not link.is_revoked and link.creator.id == person_id
            ),
            None,
        )

    def add_link(self, creator: Person) -> InviteLink:
        """The address is derived, not random, so that a run can be repeated."""
        seed = f"{self.id}/{len(self.links)}/{creator.id}".encode()
        code = base64.urlsafe_b64encode(hashlib.sha256(seed).digest()[:12]).decode()
        link = InviteLink(f"https://t.me/+{code}", creator)
        self.links[link.url] = link
        return link

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": self.id, "type": self.type, "title": self.title}
        return shown | {"username": self.username} if self.username else shown
