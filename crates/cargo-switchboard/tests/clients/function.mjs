// A function for aws-lambda-ric.

let count = 0;

export const handler = async (event, context) => {
  count += 1;
  if (event.fail) {
    throw new Error("as told");
  }
  console.log("a line of the function");
  return {
    event,
    count,
    request_id: context.awsRequestId,
    remaining: context.getRemainingTimeInMillis(),
    arn: context.invokedFunctionArn,
    name: context.functionName,
    custom: context.clientContext?.custom,
  };
};

export const streaming = awslambda.streamifyResponse(async (_event, stream) => {
  const reply = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { "x-mine": "yes" } });
  reply.write("one,");
  await new Promise((resolve) => setTimeout(resolve, 500));
  reply.end("two");
});
