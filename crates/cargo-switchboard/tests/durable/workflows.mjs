// Durable functions with AWS's SDK for JavaScript, one for each kind of operation. The event's `case` chooses one.

import { appendFileSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The package is installed elsewhere, so it is found by NODE_PATH.
const { withDurableExecution, StepSemantics, createRetryStrategy } = createRequire(import.meta.url)("@aws/durable-execution-sdk-js");

const soon = (maxAttempts) => createRetryStrategy({ maxAttempts, initialDelay: { seconds: 1 }, backoffRate: 1 });

const tries = (event) => {
    mkdirSync(process.env.COUNTS, { recursive: true });
    const path = join(process.env.COUNTS, event.id);
    appendFileSync(path, "x");
    return statSync(path).size;
};

const cases = {
    step: (context) => context.step("a", async () => ({ v: 1 })),
    retry: (context, event) =>
        context.step(
            "r",
            async () => {
                const count = tries(event);
                if (count < 3) throw new TypeError(`try ${count}`);
                return count;
            },
            { retryStrategy: soon(4) },
        ),
    fails: (context) =>
        context.step(
            "f",
            async () => {
                throw new TypeError("no luck");
            },
            { retryStrategy: soon(2) },
        ),
    once: (context, event) =>
        context.step(
            "o",
            async () => {
                if (tries(event) === 1) process.exit(3);
                return "done";
            },
            { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: soon(3) },
        ),
    wait: async (context) => {
        await context.step("before", async () => 1);
        await context.wait("w", { seconds: 3600 });
        return await context.step("after", async () => 2);
    },
    child: async (context) => {
        const kid = await context.runInChildContext("kid", async (inner) => {
            const one = await inner.step("x", async () => "x".repeat(300 << 10));
            await inner.wait("w", { seconds: 60 });
            return one;
        });
        return kid.length;
    },
    callback: (context) =>
        context.waitForCallback("cb", async (id) => console.log(JSON.stringify({ callback: id })), { timeout: { seconds: 7200 } }),
    callback_timeout: async (context) => {
        const [late] = await context.createCallback("late", { timeout: { seconds: 60 } });
        try {
            return await late;
        } catch (error) {
            return error.constructor.name;
        }
    },
    condition: (context) =>
        context.waitForCondition("c", async (state) => state + 1, {
            initialState: 0,
            waitStrategy: (state) => (state >= 3 ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds: 30 } }),
        }),
    map_items: async (context) => {
        const results = await context.map("m", [1, 2, 3], async (inner, value, index) => {
            await inner.wait("w", { seconds: 10 * (index + 1) });
            return await inner.step("i", async () => value * 10);
        });
        return results.getResults();
    },
    invoke: (context) => context.invoke("i", "itself:$LATEST", { case: "step" }),
    large: async () => "x".repeat((6 << 20) - 20),
};

export const handler = withDurableExecution((event, context) => cases[event.case](context, event));
