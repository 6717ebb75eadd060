/** Steps of an outbox: what is stored, named, sent and purged of them. */
import type { PlantedFault } from './planted-faults.ts';

const writer = 'functions/steps/reduce-key-group/outbox-writer.ts';
const send = 'functions/steps/reduce-key-group/send-steps.ts';
const outbox = 'functions/core/outbox.ts';
const put = '    this.delivery.take(await this.#ports.rows.putStep(this.#state, this.delivery.end, step));';

const faults: readonly PlantedFault[] = [
  {
    name: 'a-step-is-sent-before-it-is-stored-with-a-clock',
    edits: [
      {
        file: writer,
        from: put,
        to: `    const records = step.rows.flatMap((row) => (row.kind === 'output' ? row.records : []));
    for (const { output, record } of records) {
      const data = String(record.data).replace('{', \`{"now":\${this.#ports.clock.now()},\`);
      Object.assign(record, { data });
      await this.#ports.sink(output).send([record], 1e15);
    }
${put}`,
      },
    ],
  },
  {
    name: 'a-state-does-not-wait-for-its-steps',
    edits: [
      {
        file: writer,
        from: put,
        to: `    void this.#ports.rows.putStep(this.#state, this.delivery.end, step).catch(() => {});
    this.delivery.take(step);`,
      },
    ],
  },
  {
    name: 'who-comes-second-puts-a-step-of-its-own',
    edits: [
      {
        file: 'functions/adapters/dynamodb/row-store.ts',
        from: 'const stored = await saveIfAbsent(savedStep, key, toSavedStep(step), storage);',
        to: `await table.put({ ...itemOf(savedStep, key), data: { B: encode(toSavedStep(step)) } });
      const stored = saveIfAbsent === undefined ? 'exists' : 'stored';`,
      },
    ],
  },
  {
    name: 'steps-end-for-an-output-where-they-do-for-all',
    edits: [
      {
        file: outbox,
        from: '(end += records[output] ?? 0)',
        to: '(end += output === undefined ? 0 : Math.max(0, ...Object.values(records)))',
      },
    ],
  },
  {
    name: 'a-step-is-sent-from-its-first-record',
    edits: [{ file: send, from: '  const begin = end - records.length;', to: '  const begin = progress.sent.count;' }],
  },
  {
    name: 'an-output-stops-behind-its-first-step',
    edits: [
      {
        file: send,
        from: '    if (progress.why !== undefined) return;',
        to: '      progress.sent = { count: progress.length, ahead: [] };\n    if (progress.why !== undefined) return;',
      },
    ],
  },
  {
    name: 'letters-of-the-first-step-alone',
    edits: [
      {
        file: 'functions/steps/reduce-key-group/store-refused.ts',
        from: 'const all = lettersIn(state.fates.refused);',
        to: 'const all = Math.min(lettersIn(state.fates.refused), state.steps[0]?.refused ?? 0);',
      },
    ],
  },
  {
    name: 'a-purge-forgets-steps',
    edits: [
      {
        file: 'functions/adapters/dynamodb/purged-ranges.ts',
        from: "const everything: Where = { condition: 'sk >= :from', values: { ':from': '0' } };",
        to: "const everything: Where = { condition: 'sk BETWEEN :from AND :to', values: { ':from': '0', ':to': ':' } };",
      },
    ],
  },
];

export const stepFaults: readonly PlantedFault[] = faults.map((fault) => ({ ...fault, dimension: 'rows in steps' }));
