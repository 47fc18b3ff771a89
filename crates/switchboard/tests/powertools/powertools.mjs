// What Powertools for AWS Lambda (TypeScript) makes of a table and of documents.
//
// `function`: one call of a function that is idempotent. Reads from standard input where the table is, how Powertools is set
// up, and the event; writes what became of the call. `hashes`: reads documents of JSON, a line each, and writes their hashes.
// The packages are looked for in the folder that POWERTOOLS_TYPESCRIPT names.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.POWERTOOLS_TYPESCRIPT}/package.json`);
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { IdempotencyConfig, makeIdempotent } = require('@aws-lambda-powertools/idempotency');
const { DynamoDBPersistenceLayer } = require('@aws-lambda-powertools/idempotency/dynamodb');

async function call({ endpoint, table, prefix, key, validation, event, result }) {
  const outcome = { ran: false, result: null, error: null };
  const awsSdkV3Client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const config = new IdempotencyConfig({
    eventKeyJmesPath: key,
    payloadValidationJmesPath: validation,
    throwOnNoIdempotencyKey: true,
  });
  config.registerLambdaContext({ getRemainingTimeInMillis: () => 30_000 });
  const handle = async () => {
    outcome.ran = true;
    return result;
  };
  const handler = makeIdempotent(handle, {
    persistenceStore: new DynamoDBPersistenceLayer({ tableName: table, awsSdkV3Client }),
    config,
    keyPrefix: prefix,
  });
  try {
    outcome.result = (await handler(event)) ?? null;
  } catch (error) {
    outcome.error = error.name;
  }
  return JSON.stringify(outcome);
}

function hashes(documents) {
  const layer = new DynamoDBPersistenceLayer({ tableName: 'none' });
  layer.configure({ config: new IdempotencyConfig({}), keyPrefix: 'k' });
  const hash = (document) => layer.getHashedIdempotencyKey(JSON.parse(document)).slice('k#'.length);
  console.warn = () => {};
  return documents.trimEnd().split('\n').map(hash).join('\n');
}

const input = readFileSync(0, 'utf8');
const written = process.argv[2] === 'hashes' ? hashes(input) : await call(JSON.parse(input));
process.stdout.write(written);
