/** Answers of PutRecords as servers may write them, and as nobody should. */
import { type Draw, member, mutated, pick, shuffled, space } from './odd-answers.ts';

type Member = readonly [name: string, value: string];

const oddSequences = ['""', 'null', '7', '"4\\u0039"', '"é😀"', '{}', '"49\u0001"'];
const refusals: readonly (readonly Member[])[] = [
  [
    ['ErrorCode', '"ProvisionedThroughputExceededException"'],
    ['ErrorMessage', '"Rate exceeded for shard \\"shardId-0\\""'],
  ],
  [['ErrorCode', '"InternalFailure"']],
  [],
];
const oddMembers: readonly Member[] = [
  ['ErrorCode', 'null'],
  ['ErrorCode', '""'],
  ['Later', '"x"'],
  ['Later', '[1,"]"]'],
  ['__type', '"PutRecordsResultEntry"'],
  ['__proto__', '"x"'],
  ['SequenceNumber', '"49"'],
  ['ShardId', '"shardId-2"'],
  ['Sequence\\u004eumber', '"49"'],
];

function resultText(draw: Draw, isOdd: boolean): string {
  const odd = (): boolean => isOdd && draw(6) === 0;
  const shard: Member = ['ShardId', odd() ? pick(draw, oddSequences) : `"shardId-00000000000${draw(9)}"`];
  const taken: Member[] = [['SequenceNumber', odd() ? pick(draw, oddSequences) : `"49${draw(1e9)}"`], shard];
  const members = odd() ? [...pick(draw, refusals)] : taken;
  if (odd()) members.push(pick(draw, oddMembers));
  if (odd()) members.splice(draw(members.length), 1);
  return objectText(draw, members);
}

const objectText = (draw: Draw, members: readonly Member[]): string => {
  const ordered = draw(2) === 0 ? members : shuffled(draw, members);
  return `${space(draw)}{${ordered.map(([name, value]) => member(draw, name, value)).join(',')}}${space(draw)}`;
};

function answerText(draw: Draw, isOdd: boolean): string {
  const odd = (): boolean => isOdd && draw(8) === 0;
  const list = `[${Array.from({ length: draw(4) }, () => resultText(draw, isOdd)).join(',')}]`;
  const members: Member[] = [
    ['FailedRecordCount', odd() ? pick(draw, ['-1', '"0"', 'null', '01', '1e3']) : `${draw(3)}`],
    ['Records', odd() ? pick(draw, ['null', '{}', '7', `[${list}]`, '[null]', '[7]', '"[]"']) : list],
  ];
  if (draw(4) === 0) members.push(['EncryptionType', '"KMS"']);
  if (draw(6) === 0)
    members.push(['Later', pick(draw, ['{"Records":[{}]}', '[[],{"a":"]}\\\\"}]', '"\\u0052ecords"'])]);
  if (odd())
    members.push(
      pick<Member>(draw, [
        ['Records', '[]'],
        ['R\\u0065cords', '[]'],
        ['__proto__', '{}'],
        ['Records', list],
      ]),
    );
  if (odd()) members.splice(draw(members.length), 1);
  return objectText(draw, members);
}

/** A third as Kinesis may write them, a third odd ones, a third with bytes changed. */
export function resultsFrom(draw: Draw): Buffer {
  const kind = draw(3);
  const body = Buffer.from(answerText(draw, kind === 1));
  return kind === 2 && body.length > 0 ? mutated(draw, body) : body;
}
