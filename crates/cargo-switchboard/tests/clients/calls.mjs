// The Invoke API as the AWS SDK for JavaScript uses it. Its argument is the endpoint.

import assert from "node:assert/strict";
import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from "@aws-sdk/client-lambda";

const client = new LambdaClient({ endpoint: process.argv[2], maxAttempts: 1 });
const base = { FunctionName: "any", Payload: "{}" };
const invoke = (input) => client.send(new InvokeCommand({ ...base, ...input }));
const parsed = (reply) => JSON.parse(Buffer.from(reply.Payload).toString());
const decoded = (text) => Buffer.from(text, "base64").toString();

const context = Buffer.from(JSON.stringify({ custom: { b: "c" } })).toString("base64");
let reply = await invoke({ Payload: '{"do":"context"}', ClientContext: context, LogType: "Tail", Qualifier: "live" });
assert.equal(reply.StatusCode, 200);
assert.equal(reply.ExecutedVersion, "$LATEST");
assert.equal(parsed(reply).request_id, reply.$metadata.requestId);
assert.deepEqual(parsed(reply).client_context.custom, { b: "c" });
assert.match(decoded(reply.LogResult), /REPORT RequestId: /);

assert.equal((await invoke({ InvocationType: "Event" })).StatusCode, 202);
assert.equal((await invoke({ InvocationType: "DryRun" })).StatusCode, 204);

reply = await invoke({ Payload: '{"do":"error","type":"Mine","message":"no"}' });
assert.equal(reply.FunctionError, "Unhandled");
assert.deepEqual(parsed(reply), { errorType: "Mine", errorMessage: "no" });

await assert.rejects(invoke({ TenantId: "north" }), { name: "InvalidParameterValueException" });
await assert.rejects(invoke({ Payload: "not JSON" }), { name: "InvalidRequestContentException" });

const streamed = async (payload) => {
  const command = new InvokeWithResponseStreamCommand({ ...base, Payload: payload, LogType: "Tail" });
  const chunks = [];
  let complete;
  for await (const event of (await client.send(command)).EventStream) {
    if (event.PayloadChunk) chunks.push(Buffer.from(event.PayloadChunk.Payload));
    if (event.InvokeComplete) complete = event.InvokeComplete;
  }
  return [Buffer.concat(chunks).toString(), complete];
};
let [body, complete] = await streamed('{"do":"stream"}');
assert.ok(body.endsWith("one,two"), body);
assert.match(decoded(complete.LogResult), /END RequestId: /);
assert.equal(complete.ErrorCode, undefined);
[body, complete] = await streamed('{"do":"error","type":"Mine","message":"no"}');
assert.equal(complete.ErrorCode, "Unhandled");
assert.equal(JSON.parse(complete.ErrorDetails).errorType, "Mine");
