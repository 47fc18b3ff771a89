// Durable executions: the API of Lambda, and the operations that a history tells of.

export interface Execution {
  DurableExecutionArn: string;
  DurableExecutionName: string;
  Status: string;
  StartTimestamp: number;
  EndTimestamp?: number;
}

export interface HistoryEvent {
  EventType: string;
  EventId: number;
  Id?: string;
  ParentId?: string;
  Name?: string;
  SubType?: string;
  EventTimestamp: number;
  [details: string]: unknown;
}

export interface Operation {
  id: string;
  kind: string;
  name: string;
  status: string;
  started: number;
  ended?: number;
  /** When something happens by itself: the end of a wait, the next attempt. */
  due?: number;
  attempts: number;
  result?: string;
  error?: string;
  callback?: string;
  children: Operation[];
}

interface Details {
  CallbackId?: string;
  ScheduledEndTimestamp?: number;
  Result?: { Payload?: string };
  Error?: { Payload?: { ErrorType?: string; ErrorMessage?: string } };
  RetryDetails?: { CurrentAttempt?: number; NextAttemptDelaySeconds?: number };
}

const ENDS: Record<string, string> = {
  Succeeded: 'SUCCEEDED',
  TimedOut: 'TIMED_OUT',
  Stopped: 'STOPPED',
  Cancelled: 'CANCELLED',
  Failed: 'FAILED',
};

function happened(operation: Operation, what: string, details: Details, at: number) {
  operation.attempts = details.RetryDetails?.CurrentAttempt ?? operation.attempts;
  operation.due = undefined;
  if (what === 'Started') {
    operation.status = 'STARTED';
    operation.due = details.ScheduledEndTimestamp;
    operation.callback = details.CallbackId ?? operation.callback;
    return;
  }
  operation.result = details.Result?.Payload;
  const error = details.Error?.Payload;
  operation.error = error && [error.ErrorType, error.ErrorMessage].filter(Boolean).join(': ');
  const delay = details.RetryDetails?.NextAttemptDelaySeconds;
  if (delay !== undefined) {
    operation.status = 'PENDING';
    operation.due = at + delay;
    return;
  }
  operation.status = ENDS[what] ?? what;
  operation.ended = at;
}

/** The operations of a history, each below its parent, in the order of their starts. */
export function operations(events: HistoryEvent[]): Operation[] {
  const all = new Map<string, Operation>();
  const top: Operation[] = [];
  for (const event of events) {
    const type = /^(Step|Wait|Callback|Context|ChainedInvoke)(\w+)$/.exec(event.EventType);
    if (!type || event.Id === undefined) continue;
    let operation = all.get(event.Id);
    if (!operation) {
      const kind = event.SubType ?? type[1] ?? '';
      operation = { id: event.Id, kind, name: event.Name ?? event.Id, status: '', started: event.EventTimestamp, attempts: 0, children: [] };
      all.set(event.Id, operation);
      (all.get(event.ParentId ?? '')?.children ?? top).push(operation);
    }
    happened(operation, type[2] ?? '', (event[`${event.EventType}Details`] ?? {}) as Details, event.EventTimestamp);
  }
  return top;
}
