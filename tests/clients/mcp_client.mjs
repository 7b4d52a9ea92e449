// The client of npm `@modelcontextprotocol/sdk` against `opentrain mcp` and the fake. It refuses
// what others let pass: nulls, extra keys, odd schemas. Usage: mcp_client.mjs <opentrain> <url> <folder>
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [opentrain, url, folder] = process.argv.slice(2);
let done = 0;

function check(what, holds, seen) {
  if (!holds) {
    console.error(`FAILED: ${what}: ${JSON.stringify(seen)}`);
    process.exit(1);
  }
  done += 1;
}

const transport = new StdioClientTransport({
  command: opentrain,
  args: ["mcp"],
  env: { OT_API_BASE_URL: url, XDG_CONFIG_HOME: folder, no_proxy: "*" },
});
const client = new Client({ name: "check", version: "1" });
await client.connect(transport);

async function call(tool, args = {}) {
  const result = await client.callTool({ name: `opentrain_${tool}`, arguments: args });
  check(`${tool} succeeds`, !result.isError && result.content[0].text, result);
  return result.structuredContent;
}

async function refused(tool, says, args = {}) {
  const result = await client.callTool({ name: `opentrain_${tool}`, arguments: args });
  check(`${tool} is refused`, result.isError && result.content[0].text.includes(says), result);
}

check("its name", client.getServerVersion().name === "opentrain", client.getServerVersion());
check("instructions", client.getInstructions().includes("approvalUrl"), client.getInstructions());
await client.ping();
const { tools, nextCursor } = await client.listTools();
check("one page", tools.length > 40 && nextCursor === undefined, nextCursor);

await refused("auth_status", "opentrain_register_agent");
await call("register_agent", { agentName: "Agent" });
const draft = await call("create_job_draft", { jobDescription: "Box zebras at $25 per hour" });
const jobId = draft.jobId;
await call("update_job_draft_fields", { jobId, fields: { experienceLevel: "EXPERT" } });
await call("publish_job", { jobId });
const { proposals } = await call("list_proposals", { jobId });
const proposalId = proposals[proposals.length - 1].id;
await refused("hire_proposal", "opentrain_claim_account", { proposalId, amount: 5 });
await call("claim_account", { email: "kim@example.com" });
let status;
for (let n = 0; n < 5 && status !== "claimed"; n += 1) {
  // Faster than this the server does not look.
  if (n > 0) await new Promise((resume) => setTimeout(resume, 5000));
  status = (await call("claim_status")).status;
}
check("claimed", status === "claimed", status);
const { approval } = await call("hire_proposal", { proposalId, amount: "250.50" });
check("a URL for the human", approval.approvalUrl.startsWith("https://"), approval);
const waited = await call("wait_for_approval", { approvalId: approval.id, timeoutSeconds: 20 });
check("the wait", waited.approval.status === "confirmed", waited);
const seen = await call("get_approval", { approvalId: approval.id });
check("the approval", ["pending", "confirmed"].includes(seen.approval.status), seen);
const items = [{ prompt: "2 + 2?", response: "4" }, { prompt: "é", score: 0.5 }];
const { batch } = await call("create_verify_batch", { items });
check("a batch of all items", batch.itemCount === items.length, batch);
const verdicts = (await call("get_verify_results", { batchId: batch.batchId })).items;
check("its verdicts", verdicts.length === items.length, verdicts);
await refused("create_verify_batch", "index 1", { items: [{}, 7] });
const unknown = await client.callTool({ name: "opentrain_nonsense" }).catch((error) => error);
check("an unknown tool is an error", unknown.code === -32602, unknown);
await Promise.all(Array.from({ length: 20 }, () => call("list_jobs")));

const began = Date.now();
await client.close();
check("the end of input ends it", Date.now() - began < 1500, Date.now() - began);
console.log(`ok: ${done} checks with the TypeScript client`);
