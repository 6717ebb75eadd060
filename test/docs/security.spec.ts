/** The page of security has the rights as the code has them. `vitest run test/docs/security.spec.ts --update` writes them anew. */
import { expect, test } from 'vitest';
import { readDocument, withGenerated, wrapped } from './documents.ts';

const page = 'docs/security.md';
const permissions = readDocument('infra/permissions.ts');

/** Read as text: an import would bring all of the CDK. */
function actionsByStep(source: string, constant: string): Readonly<Record<string, string>> {
  const body = new RegExp(`const ${constant}: [^=]*= \\{([\\s\\S]*?)\\n\\};`).exec(source)![1]!;
  return Object.fromEntries(
    [...body.matchAll(/^ {2}(\w+): \[([^\]]*)\]/gm)].map(([, step, actions]) => [
      step!,
      [...actions!.matchAll(/'(\w+)'/g)].map(([, action]) => `\`${action}\``).join(', '),
    ]),
  );
}

const table = actionsByStep(permissions, 'tableActions');
const source = actionsByStep(permissions, 'sourceActions');
const bucket = actionsByStep(readDocument('infra/bucket-statements.ts'), 'objectActions');
const steps = Object.keys(table);

const reasonTexts = /export const reasons[^=]*= \{([\s\S]*?)\n\};/.exec(permissions)![1]!;
const reasons = [...reasonTexts.matchAll(/^ {2}'(\w+:\w+)':\s*(?:'([^']*)'|"([^"]*)"),$/gm)].map(
  ([, action, single, double]) => [action!, single ?? double!] as const,
);

test('all actions are read', () => {
  expect(reasons).toHaveLength(reasonTexts.match(/^ {2}'\w+:\w+'/gm)!.length);
});

test('the page of security has what each function may do, and what each action is for', async () => {
  expect(steps).toHaveLength(5);
  const rights = steps.map((step) => {
    const ofSource = source[step] === undefined ? '' : `; with the source ${source[step]}`;
    return `- ${wrapped(`**\`${step}\`** with the table ${table[step]}; with objects ${bucket[step]}${ofSource}`, '  ')}`;
  });
  const items = reasons.map(([action, reason]) => `- ${wrapped(`\`${action}\` ${reason}`, '  ')}`);
  const withRights = withGenerated(readDocument(page), 'functions', rights.join('\n'));
  await expect(withGenerated(withRights, 'reasons', items.join('\n'))).toMatchFileSnapshot(`../../${page}`);
});
