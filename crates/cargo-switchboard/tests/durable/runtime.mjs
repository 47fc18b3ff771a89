// A small client of the Runtime API: one event after another, as AWS's runtime for Node.js does it.

import { pathToFileURL } from "node:url";

const { handler } = await import(pathToFileURL(process.env.HANDLER).href);
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

for (;;) {
    const next = await fetch(`${api}/next`);
    const id = next.headers.get("lambda-runtime-aws-request-id");
    const context = {
        awsRequestId: id,
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        invokedFunctionArn: next.headers.get("lambda-runtime-invoked-function-arn"),
        getRemainingTimeInMillis: () => Number(next.headers.get("lambda-runtime-deadline-ms")) - Date.now(),
    };
    const [path, answer] = await next
        .json()
        .then((event) => handler(event, context))
        .then(
            (reply) => ["response", reply ?? null],
            (error) => ["error", { errorType: error.name, errorMessage: error.message }],
        );
    await fetch(`${api}/${id}/${path}`, { method: "POST", body: JSON.stringify(answer) });
}
