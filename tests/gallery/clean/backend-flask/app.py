"""The routes of the messages."""

import uuid

from flask import Flask, jsonify, request
from lib.db import db
from lib.ddb import Ddb
from lib.who import who_asks

app = Flask(__name__)


@app.get("/api/message_groups")
def message_groups():
    me = who_asks(request)
    if me is None:
        return jsonify({"error": "sign in first"}), 401
    return jsonify(Ddb.list_message_groups(Ddb.client(), me["uuid"]))


@app.get("/api/messages/<message_group_uuid>")
def messages(message_group_uuid):
    me = who_asks(request)
    if me is None:
        return jsonify({"error": "sign in first"}), 401
    client = Ddb.client()
    if not Ddb.is_member(client, message_group_uuid, me["uuid"]):
        return jsonify({"error": "not a member of this group"}), 403
    return jsonify(Ddb.list_messages(client, message_group_uuid))


@app.post("/api/messages")
def create_message():
    me = who_asks(request)
    if me is None:
        return jsonify({"error": "sign in first"}), 401
    body = request.get_json(silent=True) or {}
    text = body.get("message")
    if not isinstance(text, str) or not 0 < len(text) <= 1024:
        return jsonify({"errors": ["message must have 1 to 1024 characters"]}), 422
    client = Ddb.client()
    if body.get("message_group_uuid"):
        group = str(uuid.UUID(body["message_group_uuid"]))
        if not Ddb.is_member(client, group, me["uuid"]):
            return jsonify({"error": "not a member of this group"}), 403
        return jsonify(Ddb.create_message(client, group, text, me["uuid"], me["display_name"], me["handle"]))
    other = db.query_row("SELECT uuid, display_name, handle FROM public.users WHERE handle = %(handle)s", body)
    if other is None:
        return jsonify({"errors": ["nobody has this handle"]}), 422
    return jsonify(Ddb.create_message_group(client, text, me, other))
