"""The client of PyPI `mcp` against `opentrain mcp` and the fake: an agent with only this binary
registers, posts a job, hands the account to its human, asks for a hire and reads the approval.
Usage: mcp_client.py <mode> <opentrain> <url> <folder>"""

import asyncio
import sys
import time

from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

mode, opentrain, url, folder = sys.argv[1:]
done = []


def check(what, holds, seen=""):
    if not holds:
        sys.exit(f"FAILED in mode {mode}: {what}: {seen!r}")
    done.append(what)


async def call(client, tool, **arguments):
    """The structured content of a call that succeeds."""
    result = await client.call_tool(f"opentrain_{tool}", arguments)
    check(f"{tool} succeeds", not result.is_error, result)
    check(f"{tool} says something", result.content[0].text, result)
    return result.structured_content


async def refused(client, tool, says, **arguments):
    result = await client.call_tool(f"opentrain_{tool}", arguments)
    check(f"{tool} is refused", result.is_error, result)
    check(f"{tool} says what to do", says in result.content[0].text, result.content[0].text)


def progress(told):
    async def tell(*what):
        told.append(what)

    return tell


async def main():
    # A client passes little on: what the server needs is in its entry.
    env = {"OT_API_BASE_URL": url, "XDG_CONFIG_HOME": folder, "no_proxy": "*"}
    server = StdioServerParameters(command=opentrain, args=["mcp"], env=env)
    async with Client(server, mode=mode, read_timeout_seconds=20) as client:
        modern = client.protocol_version == "2026-07-28"
        check("the era", modern == (mode != "legacy"), client.protocol_version)
        if mode != "2026-07-28":
            check("the server's name", client.server_info.name == "opentrain", client.server_info)
            check("instructions", "approvalUrl" in client.instructions, client.instructions)
        listed = await client.list_tools()
        check("one page", listed.next_cursor is None and len(listed.tools) > 40, listed)

        await refused(client, "auth_status", "opentrain_register_agent")
        account = await call(client, "register_agent", agentName="Agent")
        check("a preview of the token only", "********" in account["tokenPreview"], account)
        await call(client, "auth_status")
        draft = await call(client, "create_job_draft", jobDescription="Box zebras at $25 per hour")
        job, missing = draft["jobId"], draft["missingFields"]
        check("a question for the human", missing[0]["prompt"], draft)
        fields = {missing[0]["field"]: "INTERMEDIATE"}
        await call(client, "update_job_draft_fields", jobId=job, fields=fields)
        await call(client, "publish_job", jobId=job)
        proposals = await call(client, "list_proposals", jobId=job, limit="5")
        proposal = proposals["proposals"][-1]["id"]
        await refused(client, "hire_proposal", "opentrain_claim_account", proposalId=proposal, amount=5)
        claim = await call(client, "claim_account", email="kim@example.com")
        check("a link and a code", claim["verification_uri"] and claim["user_code"], claim)
        status = {}
        for _ in range(5):
            status = await call(client, "claim_status")
            if status["status"] == "claimed":
                break
            # Faster than this the server does not look.
            await asyncio.sleep(5)
        check("claimed", status["status"] == "claimed", status)
        hire = await call(client, "hire_proposal", proposalId=proposal, amount=250.5)
        approval = hire["approval"]
        check("a URL for the human", approval["approvalUrl"].startswith("https://"), hire)
        told = []
        waited = await client.call_tool(
            "opentrain_wait_for_approval",
            {"approvalId": approval["id"], "timeoutSeconds": 20},
            progress_callback=progress(told),
        )
        check("the wait ends well", not waited.is_error, waited)
        check("the wait is told", told, waited)
        seen = await call(client, "get_approval", approvalId=approval["id"])
        check("what was waited for", seen == waited.structured_content, waited)
        check("the approval", seen["approval"]["status"] in ("pending", "confirmed"), seen)

        items = [{"prompt": "2 + 2?", "response": "4"}, {"prompt": "é", "score": 0.5}]
        batch = (await call(client, "create_verify_batch", items=items))["batch"]
        check("a batch of all items", batch["itemCount"] == len(items), batch)
        results = await call(client, "get_verify_results", batchId=batch["batchId"])
        check("its verdicts", len(results["items"]) == len(items), results)
        await refused(client, "create_verify_batch", "index 1", items=[{}, 7])

        await refused(client, "list_jobs", "1", limit=0)
        await refused(client, "get_job", "`jobId` is missing")
        try:
            await client.call_tool("opentrain_nonsense", {})
            check("an unknown tool is an error", False)
        except MCPError as error:
            check("an unknown tool is an error", error.error.code == -32602, error)
        several = [client.call_tool("opentrain_list_jobs", {}) for _ in range(20)]
        results = await asyncio.gather(*several)
        check("twenty calls at once", not any(result.is_error for result in results), results)
        began = time.monotonic()
    ended = time.monotonic() - began
    check("the end of input ends it", ended < 1.5, ended)
    print(f"ok: {len(done)} checks with the Python client, mode {mode}")


asyncio.run(main())
