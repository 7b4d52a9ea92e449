"""The official Python SDK against the fake: a client that nobody here wrote has to find in it the
server that it knows. Usage: sdk.py <url> <token>"""

import hashlib
import hmac
import sys
import time

from opentrain import OpenTrain, OpenTrainAPIError
from opentrain.webhooks import verify_webhook_signature

url, token = sys.argv[1:]
done = []


def check(what, holds, seen=""):
    if not holds:
        sys.exit(f"FAILED: {what}: {seen!r}")
    done.append(what)


def refused(call, status, code, what):
    """The call is refused with this status and code; gives the error."""
    try:
        call()
    except OpenTrainAPIError as error:
        check(what, (error.status, error.code) == (status, code), error)
        return error
    return sys.exit(f"FAILED: {what}: it went through")


client = OpenTrain(api_token=token, base_url=url)
account = client.auth_status()
check("auth_status", account["token"]["scopes"] and account["actor"]["userId"], account)

hook = client.webhooks.create(
    url="https://hooks.example/x", event_types=["payment.pending", "payment.pending"]
)
check("a webhook has a secret", hook["secret"].startswith("whsec_"), hook)
types = hook["webhook"]["eventTypes"]
check("duplicate event types are removed", types == ["payment.pending"], types)
listed = client.webhooks.list()["webhooks"]
check("the webhook is listed", [w["id"] for w in listed] == [hook["webhook"]["id"]], listed)
check("the list has no secret", "secret" not in listed[0], listed)
check("delete gives nothing back", client.webhooks.delete(hook["webhook"]["id"]) is None)
error = refused(
    lambda: client.webhooks.delete(hook["webhook"]["id"]), 404, "NOT_FOUND", "an absent webhook"
)
check("a refusal has a request id", bool(error.request_id), error)
check("a refusal has details", error.details["resource"] == "webhooks", error.details)
for bad in ["http://localhost.evil.example/x", "https://", "http://example.com", "ftp://x"]:
    refused(
        lambda: client.webhooks.create(url=bad, event_types=["payment.pending"]),
        400,
        "BAD_REQUEST",
        f"{bad} as the URL of a webhook",
    )
refused(
    lambda: client.webhooks.create(url="https://a.example", event_types=["nonsense"]),
    400,
    "BAD_REQUEST",
    "an unknown event type",
)
stranger = OpenTrain(api_token="ot_pat_no_body", base_url=url)
refused(stranger.auth_status, 401, "UNAUTHORIZED", "an unknown token")

# The scheme by which deliveries are signed, as the manual tells it.
secret, body, now = hook["secret"], '{"id":"1"}', int(time.time())
mac = hmac.new(secret.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
check(
    "the signature scheme",
    verify_webhook_signature(
        secret=secret, raw_body=body, signature_header=f"t={now},v1={mac}"
    ),
)
print(f"ok: {len(done)} checks with the official Python SDK")
