// An event as something to paste.

import type { AboutFunction, InvocationDetails } from './api';

/** A call of Lambda's Invoke API. The shell passes the event on as it is. */
export function asCurl(about: AboutFunction | undefined, event: string): string {
  const url = `${about?.url ?? ''}/2015-03-31/functions/${about?.name ?? 'function'}/invocations`;
  return `curl -s '${url}' --data-binary '${event.replaceAll("'", `'\\''`)}'`;
}

/** A test with the library's kit. */
export function asTest(of: InvocationDetails, event: string): string {
  const hashes = '#'.repeat(Math.max(0, ...[...event.matchAll(/"(#*)/g)].map((match) => (match[1] ?? '').length)) + 1);
  const reply = of.error === null ? JSON.stringify(of.reply) : 'null';
  return `#[tokio::test]
async fn an_event_of_${of.source}() {
    let event = r${hashes}"${event}"${hashes};
    // \`router()\` is your function's own.
    let delivered = router().deliver(event).await;
    assert_eq!(delivered.reply(), &serde_json::json!(${reply}));
}
`;
}
