// The console of `run` in a browser, with invocations of the real function: what each view shows, by mouse and by keyboard alone, in
// light and dark, on a wide and a narrow window; axe finds nothing; nothing is asked for elsewhere; ten thousand of anything stay quick.
// Usage: node check.mjs COMPANION FUNCTION DURABLE_FUNCTION NODE_MODULES PICTURES [BROWSER]

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { invoke, kinesis, run, send } from './run.mjs';

const [companion, binary, workflow, modules, pictures, browserName] = process.argv.slice(2);
const require = createRequire(resolve(modules, 'none.js'));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const QUICK = 200;

function browserPath() {
  const names = browserName ? [browserName] : ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const name of names) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      // Another one may be installed.
    }
  }
  throw new Error(`none of ${names.join(', ')} is installed`);
}

const begun = Date.now();
const said = (text) => console.log(`${((Date.now() - begun) / 1000).toFixed(1)} s  ${text}`);

/** What axe finds in the page as it is. */
async function accessible(page, what) {
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
  });
  assert.deepEqual(found, [], `${what}: axe finds ${found.join('\n')}`);
}

async function picture(page, name) {
  await page.screenshot({ path: `${pictures}/${name}.png` });
}

/** How long the page takes from an action to the picture after it. */
async function timed(page, what, act) {
  const took = await page.evaluate(
    ([source]) =>
      new Promise((done) => {
        const start = performance.now();
        new Function(source)();
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
      }),
    [act],
  );
  assert.ok(took < QUICK, `${what} takes ${took.toFixed(0)} ms`);
  return took;
}

mkdirSync(pictures, { recursive: true });
const function_ = await run(companion, ['--binary', binary, '--keep', '10000', '--env', 'POWERTOOLS_METRICS_NAMESPACE=shop']);
const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  await api();
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  const problems = [];
  page.on('request', (request) => request.url().startsWith(function_.console) || request.url().startsWith('data:') || problems.push(request.url()));
  // The browser itself notes each answer of 400: one is asked for.
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('400') && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.addInitScript(AXE);
  await whyTwice(page);
  await eachView(page);
  await byKeyboard(page);
  await byHand(page);
  await darkAndNarrow(page);
  await workflows(context);
  await tenThousand(page);
  assert.deepEqual(problems, []);
  memory();
} finally {
  await browser.close();
  await function_.stop();
}
said('done');

/** What pages of others, and requests for other hosts, get. */
async function api() {
  const health = `${function_.console}api/health`;
  assert.equal((await send(health)).status, 200);
  for (const headers of [{ host: 'evil.example' }, { origin: 'http://127.0.0.1:1' }, { 'sec-fetch-site': 'same-site' }]) {
    assert.equal((await send(health, { headers })).status, 403, JSON.stringify(headers));
  }
  const wrong = await send(`${function_.console}api/deliver`, { method: 'POST', body: '{' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /not JSON/);
}

/** The question of the console: why was record 7 delivered twice? */
async function whyTwice(page) {
  await page.goto(function_.console);
  await page.getByText('Nothing yet').waitFor();
  await invoke(function_.url, kinesis(12, { broken: [4] }));
  await page.getByRole('option', { name: /#1 .*kinesis/ }).click();
  await page.getByText('The stream delivers again from record 4').waitFor();
  await page.getByRole('button', { name: 'Deliver what the source would (8)' }).click();
  await page.getByRole('heading', { name: /^#2/ }).waitFor();
  await page.goto(`${function_.console}#/invocations/1/records/7`);
  await page.getByRole('heading', { name: 'Delivered 2 times' }).waitFor();
  const why = await page.locator('.why').innerText();
  assert.match(why, /Record 4 of #1 failed \(.*data.*\), and a stream delivers again from there/);
  await accessible(page, 'a record');
  await picture(page, 'record');
  said('a record says why it was delivered twice');
}

async function eachView(page) {
  const made = async (source) => (await send(`${function_.console}api/sources/${source}`)).text;
  for (const source of ['s3', 'dynamodb', 'eventbridge', 'sqs']) await invoke(function_.url, JSON.parse(await made(source)));
  assert.equal((await send(`${function_.url}/events`)).status, 200);
  await page.goto(`${function_.console}#/invocations`);
  await page.getByText('7 invocations').waitFor();
  await accessible(page, 'invocations');
  await picture(page, 'invocations');

  await page.goto(`${function_.console}#/invocations/2`);
  await page.getByRole('tab', { name: 'Event' }).click();
  assert.equal(await page.locator('mark').first().innerText(), 'eventSource: "aws:kinesis"');
  await accessible(page, 'an event');
  await picture(page, 'event');
  for (const tab of ['Log', 'Reply', 'Metrics']) {
    await page.getByRole('tab', { name: tab }).click();
    await accessible(page, tab);
  }
  await page.getByRole('rowheader', { name: 'RecordsFailed' }).waitFor();

  await page.goto(`${function_.console}#/health`);
  await page.getByText('Cold starts').waitFor();
  await page.getByRole('rowheader', { name: 'kinesis' }).waitFor();
  await accessible(page, 'health');
  await picture(page, 'health');
  said('each view shows what it is for');
}

/** From the address bar on without a mouse: to the failed invocation, its batch, and a record. */
async function byKeyboard(page) {
  await page.goto(`${function_.console}#/invocations`);
  await page.getByRole('listbox', { name: 'Invocations, the newest first' }).focus();
  await page.keyboard.press('End');
  await page.getByRole('heading', { name: /^#1 / }).waitFor();
  await page.getByRole('tab', { name: /Batch/ }).focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('.tree').waitFor();
  await page.keyboard.press('ArrowLeft');
  for (let presses = 0; ; presses++) {
    assert.ok(presses < 10, 'the list of records is not reached by Tab');
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    if (label.startsWith('Records')) break;
  }
  for (let record = 0; record <= 4; record++) await page.keyboard.press('ArrowDown');
  await page.getByRole('heading', { name: /^Record 4/ }).waitFor();
  said('the keyboard alone is enough');
}

/** Makes an event, delivers it, and copies it. */
async function byHand(page) {
  await page.goto(`${function_.console}#/send`);
  await page.getByLabel('Source').selectOption('kinesis');
  await page.getByLabel('Records').fill('2');
  await page.getByLabel('Body of each').fill('{"order":1001}');
  await page.getByRole('button', { name: 'Make the event' }).click();
  await page.waitForFunction(() => document.querySelector('textarea')?.value.includes('partitionKey'));
  await accessible(page, 'send');
  await picture(page, 'send');
  await page.getByRole('button', { name: 'Deliver', exact: true }).click();
  await page.getByRole('link', { name: /^#\d+$/ }).click();
  await page.getByRole('heading', { name: /kinesis ✓ ok/ }).waitFor();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByText('Copied').waitFor();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  const before = (await rows()).length;
  execFileSync('bash', ['-c', curl]);
  assert.equal((await rows()).length, before + 1, 'what was copied invokes the function');
  await page.getByLabel('Search').fill('"order":1001');
  await page.goto(`${function_.console}#/send`);
  await page.getByRole('textbox', { name: 'Event' }).fill('{');
  await page.getByRole('button', { name: 'Deliver', exact: true }).click();
  await page.getByRole('alert').getByText('not JSON').waitFor();
  said('an event is made, delivered and copied');
}

async function rows() {
  return JSON.parse((await send(`${function_.console}api/invocations`)).text);
}

async function darkAndNarrow(page) {
  await page.getByLabel('Colours').selectOption('dark');
  for (const [width, name] of [[1280, 'dark'], [360, 'narrow']]) {
    await page.setViewportSize({ width, height: 760 });
    for (const view of ['invocations', 'invocations/1/records/7', 'invocations/2', 'send', 'health']) {
      await page.goto(`${function_.console}#/${view}`);
      await page.locator('main > *').first().waitFor();
      await page.waitForFunction(() => !document.body.innerText.includes('Loading'));
      await accessible(page, `${view}, ${name}`);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(beyond, 0, `${view} is ${beyond} px too wide at ${width} px`);
      await picture(page, `${name}-${view.replaceAll('/', '-')}`);
    }
  }
  await page.getByLabel('Colours').selectOption('light');
  await page.setViewportSize({ width: 1280, height: 860 });
  said('dark and narrow windows are fine');
}

/** A durable function: its wait is skipped and its callback answered from the page. */
async function workflows(context) {
  const durable = await run(companion, ['--binary', workflow, '--durable']);
  const page = await context.newPage();
  try {
    const sent = await send(`${durable.console}api/deliver`, { method: 'POST', body: '{"do":["step","wait","callback"],"wait":86400}' });
    assert.equal(sent.status, 202);
    await page.addInitScript(AXE);
    await page.goto(durable.console);
    await page.getByRole('link', { name: 'Workflows' }).click();
    await page.getByText('until').waitFor();
    await page.getByRole('button', { name: 'Jump to the next timer' }).click();
    await page.getByLabel(/^Result of/).fill('"paid"');
    await accessible(page, 'workflows');
    await picture(page, 'workflows');
    await page.getByRole('button', { name: 'Succeed' }).click();
    await page.locator('.next').getByText('SUCCEEDED').waitFor();
    const other = await send(`${function_.console}api/durable/functions/f/durable-executions`);
    assert.equal(other.status, 404);
    said('a workflow is followed to its end');
  } finally {
    await page.close();
    await durable.stop();
  }
}

async function tenThousand(page) {
  await invoke(function_.url, kinesis(10_000, { first: 1000, lanes: 500, broken: [9_000] }));
  const large = (await rows()).at(-1).id;
  await page.goto(`${function_.console}#/invocations/${large}`);
  await page.getByRole('tab', { name: 'Batch (10,000)' }).waitFor();
  const end = "const list = document.querySelector('.records .list'); list.focus(); list.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));";
  const took = [await timed(page, 'the end of a batch of 10,000', end)];
  await page.getByRole('heading', { name: /^Record 9999/ }).waitFor();
  const failed = "const choice = document.querySelector('.records select'); choice.value = 'failed'; choice.dispatchEvent(new Event('change', { bubbles: true }));";
  took.push(await timed(page, 'a filter of a batch of 10,000', failed));
  await accessible(page, 'a large batch');
  await picture(page, 'large-batch');
  said(`a batch of 10,000 records: ${took.map((time) => time.toFixed(0)).join(', ')} ms`);

  await page.goto(`${function_.console}#/invocations`);
  const event = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b', Time: '2026-12-01T00:00:00Z' };
  let left = 10_000;
  const worker = async () => {
    while (left-- > 0) await invoke(function_.url, event);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  said('10,000 invocations');
  await page.getByText('10,000 invocations').waitFor();
  const list = "const list = document.querySelector('.all .list');";
  const quick = [
    await timed(page, 'the end of 10,000 invocations', `${list} list.scrollTop = list.scrollHeight;`),
    await timed(page, 'a search in 10,000 invocations', "const field = document.querySelector('[type=search]'); field.value = 's3_test'; field.dispatchEvent(new Event('input', { bubbles: true }));"),
    await timed(page, 'a choice among 10,000 invocations', `${list} list.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown', bubbles: true }));`),
  ];
  said(`10,000 invocations: ${quick.map((time) => time.toFixed(0)).join(', ')} ms`);
}

/** The ring is what bounds it: all that has been kept has its room below this. */
function memory() {
  const status = readFileSync(`/proc/${function_.pid}/status`, 'utf8');
  const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  assert.ok(megabytes < 400, `the companion has ${megabytes.toFixed(0)} MB`);
  said(`the companion has ${megabytes.toFixed(0)} MB`);
}
