"""The routes: whose request it is, what it says, one call of the access patterns, what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify, request

from harness.target import Refused

from . import views
from .bodies import read_page, read_post, read_uuid

if TYPE_CHECKING:
    from scenarios.messaging import Person

    from .services import Services


def routes(services: Services) -> Blueprint:
    """Return the routes of the reference application."""
    found = Blueprint("api", __name__, url_prefix="/api")
    messaging, people = services.messaging, services.people

    @found.get("/health-check")
    def health() -> Response:
        return jsonify({"success": True})

    @found.get("/message_groups")
    def message_groups() -> Response:
        me = signed_in(services)
        limit, cursor = read_page(request.args)
        groups = messaging.list_message_groups(user_uuid=me.uuid, limit=limit, cursor=cursor)
        return views.page([views.shown(row) for row in groups.entries], request.path, limit, groups.cursor)

    @found.get("/messages/<message_group_uuid>")
    def messages(message_group_uuid: str) -> Response:
        me = signed_in(services)
        group, (limit, cursor) = read_uuid(message_group_uuid), read_page(request.args)
        newest = messaging.list_messages(user_uuid=me.uuid, message_group_uuid=group, limit=limit, cursor=cursor)
        # The newest page, but oldest first: as a conversation is read.
        return views.page([views.shown(each) for each in newest.entries[::-1]], request.path, limit, newest.cursor)

    @found.post("/messages")
    def create_message() -> Response:
        me = signed_in(services)
        if not request.is_json:
            abort(415)
        post = read_post(request.get_data())
        if post.message_group_uuid is not None:
            made = messaging.create_message(
                user_uuid=me.uuid, message_group_uuid=post.message_group_uuid, message=post.message
            )
        else:
            other = people.by_handle(post.handle or "")
            made = messaging.create_message_group(user_uuid=me.uuid, other_user_uuid=other.uuid, message=post.message)
        return jsonify(views.acknowledged(made))

    @found.get("/users/@<handle>/short")
    def user_short(handle: str) -> Response:
        return jsonify(views.short(people.by_handle(handle)))

    return found


def signed_in(services: Services) -> Person:
    """Return who asks; raise Unauthorized for a bad token, Refused for a good one of somebody unknown."""
    subject = services.verifier.subject(request.headers.get("Authorization"))
    try:
        return services.people.by_cognito_user_id(subject)
    except Refused as refused:
        raise Refused("cognito_user_id_unknown", f"{refused}; `harness users sync` mends it") from refused
