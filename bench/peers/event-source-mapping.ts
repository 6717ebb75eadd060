/**
 * What a function behind a Lambda event source mapping does: the runtime parses the text of the invocation, the handler decodes and parses each
 * record of it. Receiving the text is left out, which favours this one.
 */
import type { AnswerShape, Variant } from '../side-by-side/scenario.ts';
import { CountByHand } from './count-by-hand.ts';
import { invocationsOf, type KinesisEvent } from './invocations.ts';

const variant: Variant = async (_, settings) => {
  const invocations = invocationsOf(settings.answers as AnswerShape);
  const handler = (event: KinesisEvent, counts: CountByHand): void => {
    for (const { kinesis } of event.Records) {
      const { country, at, amount } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8'));
      counts.add(country, at, amount);
    }
  };
  return {
    run: async (calls) => {
      const counts = new CountByHand();
      for (let call = 0; call < calls; call++)
        for (const body of invocations) handler(JSON.parse(body.toString('utf8')), counts);
      return counts.answer();
    },
  };
};

export default variant;
