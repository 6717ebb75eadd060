/** This machine's clock against that of the service. */
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { rememberServerDate, serverDateOf } from '../../functions/adapters/server-date.ts';
import { asked, type Check, type Checked, ok } from './check.ts';

export const clock: Check = {
  name: 'clock',
  looks:
    "whether this machine's clock is that of AWS: findings say how long something lasts by it, and signatures are refused from five minutes on",
  permissions: ['dynamodb:DescribeTable'],
  async run({ table, dynamodb }) {
    rememberServerDate(dynamodb);
    const sentAt = Date.now();
    const found = await asked('clock', 'dynamodb:DescribeTable', () =>
      dynamodb.send(new DescribeTableCommand({ TableName: table })),
    );
    if ('checked' in found) return [found.checked];
    const date = serverDateOf(found.answer);
    if (date === undefined) return [{ status: 'unknown', subject: 'clock', says: 'the answer has no date' }];
    return [ofClocks({ sentAt, gotAt: Date.now(), date })];
  },
};

const muchMs = 5_000;
const tooMuchMs = 300_000;

/** A date has full seconds, and was made somewhere between the two. */
export function ofClocks(at: { readonly sentAt: number; readonly gotAt: number; readonly date: number }): Checked {
  const { sentAt, gotAt, date } = at;
  const offMs = Math.max(0, date - gotAt, sentAt - (date + 1_000));
  if (offMs < muchMs) return ok('clock', 'that of the service');
  const way = date > gotAt ? 'behind' : 'ahead of';
  return {
    status: offMs >= tooMuchMs ? 'failed' : 'warning',
    ...{ subject: 'clock', says: `this machine is ${(offMs / 1_000).toFixed(0)} s ${way} the service` },
    mend: 'Synchronise the clock of this machine, such as with chrony or timedatectl.',
  };
}
