// A `run` with its console, and requests to both.

import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Sends a request, and gives the status and the body. */
export function send(url, { method = 'GET', body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(pieces).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Starts `run`, and waits until it serves. */
export async function run(companion, words) {
  const child = spawn(companion, ['switchboard', 'run', '--port', '0', '--format', 'json', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const serving = await new Promise((resolve, reject) => {
    lines.on('line', (line) => line.includes('"serving"') && resolve(JSON.parse(line)));
    child.on('exit', (code) => reject(new Error(`run ended with ${code}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners('exit');
      child.on('exit', resolve);
      child.kill('SIGTERM');
    });
  return { url: serving.url, console: serving.console, pid: child.pid, stop };
}

/** Invokes the function by Lambda's API. */
export async function invoke(url, event) {
  const path = `${url}/2015-03-31/functions/function/invocations`;
  const answer = await send(path, { method: 'POST', body: JSON.stringify(event) });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.text;
}

/** A batch of Kinesis. `broken` have no data, so they cannot be read. */
export function kinesis(count, { first = 0, lanes = 3, broken = [] } = {}) {
  const record = (index) => {
    const sequenceNumber = `4966${String(first + index).padStart(52, '0')}`;
    const order = Buffer.from(JSON.stringify({ order: 1000 + index })).toString('base64');
    return {
      eventSource: 'aws:kinesis',
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      eventVersion: '1.0',
      eventSourceARN: 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders',
      awsRegion: 'eu-west-1',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/orders',
      kinesis: {
        partitionKey: `customer-${index % lanes}`,
        sequenceNumber,
        kinesisSchemaVersion: '1.0',
        approximateArrivalTimestamp: 1545084650.987,
        ...(broken.includes(index) ? {} : { data: order }),
      },
    };
  };
  return { Records: Array.from({ length: count }, (_, index) => record(index)) };
}
