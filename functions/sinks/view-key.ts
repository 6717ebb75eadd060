/**
 * Where a result lies in a view.
 *
 * VIEWKEY-1 Whatever was chosen for it, two results (window, key, row of an output) have two keys, and all versions of one have one:
 *    the sort key ends with what names the result.
 * VIEWKEY-2 No key is refused by DynamoDB: empty and long parts are written as Kinesis keys are.
 * VIEWKEY-3 It follows from key and window alone, so a retraction, which has no value, finds the item.
 */
import type { ResultIdentity } from './identity.ts';
import { legalPartitionKey } from './stream-record.ts';

/** Pieces of a text: as they are, the value of the key at that place, the start of the window; or a field of an event. */
export type KeyTemplate = readonly (string | { readonly key: number } | { readonly field: string } | 'window')[];

/** `{name}` stands for a value of the key; where there are no names, for a field. The name that is not there, if there is one. */
export function parseTemplate(
  given: string,
  keyNames: readonly string[] | undefined,
): { readonly template: KeyTemplate } | { readonly unknown: string } {
  const template: KeyTemplate[number][] = [];
  for (const [at, piece] of given.split(/\{([^{}]*)\}/).entries()) {
    if (at % 2 === 0) {
      if (piece !== '') template.push(`=${piece}`);
    } else if (keyNames === undefined && piece !== '') template.push({ field: piece });
    else if (keyNames?.includes(piece) === true) template.push({ key: keyNames.indexOf(piece) });
    else if (keyNames !== undefined && piece === 'window') template.push('window');
    else return { unknown: piece };
  }
  return { template };
}

export type ViewKey = readonly [partitionKey: string, sortKey: string];

type Named = {
  readonly defaultKey: string;
  readonly keyValues: readonly unknown[];
  readonly identity: ResultIdentity;
};

export function viewKey(
  {
    partitionKey,
    sortKey,
  }: { readonly partitionKey?: KeyTemplate | undefined; readonly sortKey?: KeyTemplate | undefined },
  named: Named,
): ViewKey {
  const { identity, defaultKey } = named;
  const { window, row, pipeline, output, key } = identity;
  const first = partitionKey === undefined ? defaultKey : filled(partitionKey, named);
  const ahead = sortKey === undefined ? [] : [legalPartitionKey(filled(sortKey, named), longestAhead)];
  const result = [...window.map(timeText), row, `${pipeline}/${output}`, key];
  return [legalPartitionKey(first), [...ahead, ...result].join('#')];
}

/** A sort key has 1,024 bytes: three for each character, and 500 for what names the result. */
export const longestAhead = 128;

function filled(template: KeyTemplate, { keyValues, identity }: Named): string {
  const pieces = template.map((piece) => {
    if (typeof piece === 'object') return 'key' in piece ? String(keyValues[piece.key]) : '';
    return piece === 'window' ? timeText(identity.window[0]) : piece.slice(1);
  });
  return pieces.join('');
}

const timeText = (time: number): string => new Date(time).toISOString();
