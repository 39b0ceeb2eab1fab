"""Uses a stand-in as a service does, by the official client; says `ok` at the end.

Arguments: base URL, key, template. What it finds wrong, it raises.
"""

import sys
import uuid

from notifications_python_client.authentication import create_jwt_token
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

url, key, template = sys.argv[1:]
client = NotificationsAPIClient(key, base_url=url)


def refused(call, status, error, says):
    try:
        call()
    except HTTPError as http_error:
        assert http_error.status_code == status, http_error
        (first,) = http_error.message
        assert first["error"] == error and says in first["message"], first
    else:
        raise AssertionError(f"not refused with {status}")


def text(number="07700 900123", body="Nobody asks.", **more):
    return client.send_sms_notification(number, template, personalisation={"text": body}, **more)


shown = client.get_template(template)
assert shown["type"] == "sms" and shown["body"] == "((text))" and shown["version"] == 1
preview = client.post_template_preview(template, {"text": "It’s  ok"})
assert preview["body"] == "It's ok", preview

sent = text(reference="c1-1")
assert uuid.UUID(sent["id"]).version == 4
assert sent["reference"] == "c1-1" and sent["scheduled_for"] is None
assert sent["content"] == {"body": "Nobody asks.", "from_number": "CrownPolice"}, sent
assert sent["uri"].endswith("/v2/notifications/" + sent["id"])
assert sent["template"]["id"] == template

# The reference is found, and is not unique: a second text with it is taken as well.
again = text(reference="c1-1")
assert again["id"] != sent["id"]
found = client.get_all_notifications(reference="c1-1")["notifications"]
assert [row["id"] for row in found] == [again["id"], sent["id"]], found
assert client.get_all_notifications(reference="c1-2")["notifications"] == []

one = client.get_notification_by_id(sent["id"])
assert one["phone_number"] == "07700 900123" and one["type"] == "sms" and one["line_1"] is None
assert one["status"] in ("sending", "delivered") and one["body"] == "Nobody asks."

for number in range(7):
    text(number=f"0770090{number:04}", reference="many")
every = list(client.get_all_notifications_iterator(reference="many"))
assert len({row["id"] for row in every}) == 7, len(every)

refused(lambda: text(number="0770"), 400, "ValidationError", "phone_number Not enough digits")
refused(lambda: text(number="0770090012x"), 400, "ValidationError", "phone_number ")
refused(lambda: text(body=""), 400, "BadRequestError", "empty")
refused(
    lambda: client.send_sms_notification("07700900123", template, personalisation={"other": "x"}),
    400, "BadRequestError", "Missing personalisation: text",
)
refused(lambda: text(reference="x" * 1001), 400, "ValidationError", "reference")
refused(lambda: client.get_all_notifications(status="lost"), 400, "ValidationError", "status lost")
refused(lambda: client.get_notification_by_id(uuid.uuid4()), 404, "NoResultFound", "No result")

other = NotificationsAPIClient(key[:-36] + str(uuid.uuid4()), base_url=url)
refused(lambda: other.get_template(template), 403, "AuthError", "Invalid token: API key not found")
other = NotificationsAPIClient("x-" + str(uuid.uuid4()) + key[-37:], base_url=url)
refused(lambda: other.get_template(template), 403, "AuthError", "service not found")

# 31 texts at once are one too many here: the bucket holds 30.
try:
    for number in range(40):
        text(number=f"0770091{number:04}")
except HTTPError as limited:
    assert limited.status_code == 429, limited
    assert limited.message[0]["error"] == "RateLimitError", limited
else:
    raise AssertionError("never limited")

print("ok")
