"""The official Python SDK against the fake: a client that nobody here wrote has to find in it the
server that it knows, and there what this program has put. Usage: sdk.py <url> <token> <opentrain>"""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time

from opentrain import AsyncOpenTrain, OpenTrain, OpenTrainAPIError
from opentrain.adapters.openai_batch import push_batch_file
from opentrain.adapters.prime_intellect import push_rollout_file
from opentrain.webhooks import verify_certificate_hash, verify_webhook_signature

url, token, program = sys.argv[1:]
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

# How deliveries are signed, according to the manual.
secret, body, now = hook["secret"], '{"id":"1"}', int(time.time())
mac = hmac.new(secret.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
check(
    "the signature scheme",
    verify_webhook_signature(
        secret=secret, raw_body=body, signature_header=f"t={now},v1={mac}"
    ),
)
# Verify: the flows of the SDK's own examples. One item gets its verdict after each look.
batches = client.verify.batches
rows = [
    {"prompt": "Longest river?", "response": "teh Nile \u2713"},
    {"prompt": "2 + 2?", "response": "5, which is wrong"},
    {"prompt": "Largest city?", "response": "Tokyo"},
]
made = batches.create(items=rows, generator="sdk")
batch = made.batch
check("a batch is made once", made.ok and not made.duplicate and batch.status == "PENDING", made)
check("its price", batch.pricing.total_cents == 3 * batch.pricing.per_item_cents, batch)
again = batches.create(items=rows)
check("the same content is a duplicate", again.duplicate and again.batch == batch, again)
check("get", batches.get(batch.batch_id) == batch)
refused(lambda: batches.create(items=rows * 67), 400, "BAD_REQUEST", "201 items")
refused(lambda: batches.get("nope"), 404, "NOT_FOUND", "an absent batch")
refused(lambda: batches.certificate(batch.batch_id), 409, "CONFLICT", "a certificate too early")


def settled(batch_id):
    """The results once nothing is pending, and the states until then."""
    states = []
    while True:
        results = batches.results(batch_id)
        states.append((results.batch.status, results.summary.pending))
        if results.summary.pending == 0:
            return results, states


results, states = settled(batch.batch_id)
check("COMPLETED is not the end", ("COMPLETED", 1) in states, states)
check("verdicts", [i.verdict for i in results.items] == ["FIX", "REJECT", "ACCEPT"], results)
check("a fixed text", results.items[0].fixed_text == "the Nile \u2713", results)
check("a reason", bool(results.items[1].reject_reason), results)
envelope = batches.certificate(batch.batch_id)
check(
    "a certificate and its sum",
    verify_certificate_hash(envelope["certificate"], envelope["sha256"]),
    envelope,
)
check("the newest first", [b.batch_id for b in batches.list(limit=1)] == [batch.batch_id])


async def looked_at():
    async with AsyncOpenTrain(api_token=token, base_url=url) as other:
        return await other.verify.batches.results(batch.batch_id)


check("the asynchronous client", asyncio.run(looked_at()) == results)

# Rewards.
reward = client.verify.reward
asked = [{"prompt": "2 + 2?", "response": "4", "id": "a"}, {"prompt": "?", "response": "wrong"}]
judged = reward.judge_now(items=asked, rubric=["It is right."], model="some/model")
check("a judge", [r.verdict for r in judged.rewards] == ["PASS", "FAIL"], judged)
check("its model", judged.judge["model"] == judged.rewards[0].judged_by == "some/model", judged)
queued = reward.human_async(items=asked, rubric=["It is right."], training_run_id="run_1")
check("a queue", queued.status == "PENDING" and queued.poll_path.endswith(queued.batch_id), queued)
first = reward.get(queued.batch_id)
check("nothing is scored", first.mean_score is None and first.training_run_id == "run_1", first)
second = reward.get(queued.batch_id)
scores = [r.score for r in second.rewards]
check("one is scored", scores == [1, None] and second.mean_score == 1, second)
check("ids come back", [r.id for r in second.rewards] == ["a", None], second)
check("a reward is a batch", batches.get(queued.batch_id).item_count == 2)
check("in the list too", queued.batch_id in [b.batch_id for b in batches.list()])
refused(lambda: reward.get(batch.batch_id), 404, "NOT_FOUND", "an unknown reward")

# What this program writes, the SDK reads, and the other way round.
environment = dict(os.environ, OT_API_TOKEN=token, OT_API_BASE_URL=url)


def ours(*words, stdin=""):
    """Runs the program; gives what it prints."""
    run = subprocess.run(
        [program, "verify", "batches", *words],
        input=stdin.encode(),
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return run.stdout


lines = '{"prompt":"Pi?","response":"3.140"}\n{"prompt":"\u2713","response":"wrong","score":0.10}\n'
written = ours("create", "--items-file", "-", "--get", "batch.batchId", stdin=lines)
written = batches.get(written.decode().strip())
items = [json.loads(line) for line in lines.splitlines()]
check("what the program sent, the SDK has", written.kind == "rows" and written.item_count == 2)
check("and would send itself", batches.create(items=items).duplicate)
theirs, _ = settled(written.batch_id)
shown = json.loads(ours("results", written.batch_id, "--json"))
check("both see the same verdicts", type(theirs).model_validate(shown) == theirs, shown)
raw = ours("certificate", written.batch_id, "--raw")
envelope = batches.certificate(written.batch_id)
check("--raw has the sum", hashlib.sha256(raw).hexdigest() == envelope["sha256"], raw)
check("--raw is the certificate", json.loads(raw) == envelope["certificate"], raw)

# Files that other tools make, by the SDK's adapters.
with tempfile.TemporaryDirectory() as folder:
    outputs, rollouts = os.path.join(folder, "outputs"), os.path.join(folder, "rollouts")
    with open(outputs, "w", encoding="utf-8") as file:
        body = {"choices": [{"message": {"content": "4"}}]}
        json.dump({"custom_id": "q1", "response": {"body": body}}, file)
    with open(rollouts, "w", encoding="utf-8") as file:
        file.write('{"prompt": "a", "completion": "b", "reward": 0.5}\n')
    pushed = push_batch_file(client, outputs).batch
    check("a file of OpenAI's", (pushed.kind, pushed.item_count) == ("rows", 1), pushed)
    pushed = push_rollout_file(client, rollouts, hub_env="kim/sums").batch
    check("a file of rollouts", pushed.kind == "episodes", pushed)
    same = ours("create", "--items-file", rollouts, "--kind", "episodes", "--get", "duplicate")
    check("which the program sends too", same == b"true\n", same)

print(f"ok: {len(done)} checks with the official Python SDK")
