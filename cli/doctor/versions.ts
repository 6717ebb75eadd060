/** Node, this package, and what is saved. */
import { type Check, type Checked, ok } from './check.ts';

export const versions: Check = {
  name: 'versions',
  looks:
    'whether Node is new enough for this version of the package, and whether it can read what the pipeline has saved',
  permissions: ['dynamodb:GetItem', 'dynamodb:Query'],
  // The facts were read: this code knows the formats of head, bodies, reports and notes.
  run: async ({ node, nodeRange, version, facts }) => [
    ofNode(node, nodeRange),
    ok(`sluice ${version}`, `it reads what ${facts.head.pipeline} has saved`),
  ],
};

export function ofNode(node: string, range: string): Checked {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);
  const [have, need] = [numbers(node), numbers(range)];
  const at = need.findIndex((number, place) => (have[place] ?? 0) !== number);
  const isEnough = at < 0 || (have[at] ?? 0) > need[at]!;
  const subject = `Node ${node}`;
  return isEnough
    ? ok(subject, `as asked for: ${range}`)
    : { status: 'failed', subject, says: `this package needs ${range}`, mend: 'Install a newer Node.' };
}
