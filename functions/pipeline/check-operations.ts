/** What happens to events: decoding, filters, maps, the watermark. */

import { bytesKind } from '../decoders/bytes.ts';
import { type DecoderSpec, decoderKindOf } from '../decoders/decoder-kind.ts';
import type { Callback } from './callback.ts';
import type { OperationDefinition } from './definition.ts';
import { duration, type Rule, readCallback, readOptions, wholeNumber } from './option-rules.ts';
import { isPlainObject, type RawOptions } from './options.ts';
import type { Operation } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';

const idleTimeoutRule: Rule<number | undefined> = {
  ...duration({ atLeastMs: 0 }, 60_000),
  allowed: "'never' or a duration in whole numbers, such as '1 minute'",
  parse: (value) => (value === 'never' ? { value: undefined } : duration({ atLeastMs: 0 }, 0).parse(value)),
};

const watermarkRules = {
  delay: duration({ atLeastMs: 0 }, 0),
  idleTimeout: idleTimeoutRule,
  maxFutureTime: duration({ atLeastMs: 0 }, 3_600_000),
};

/** Elements of one event, or of one row. */
const usualElements = 10_000;
export const flatMapRules = { maxElements: wholeNumber({ atLeast: 1, atMost: 100_000 }, usualElements) };

/** What stands for a decoder that is refused: the pipeline is refused with it. */
const refusedDecoder: DecoderSpec = { kind: bytesKind, options: {} };

export function checkDecoder(given: unknown, problems: Problem[]): DecoderSpec {
  const kind = isPlainObject(given) ? decoderKindOf(given) : undefined;
  if (!isPlainObject(given) || kind === undefined) {
    problems.push(notAllowed('decode', given, 'a decoder, such as json(schema) or bytes()'));
    return refusedDecoder;
  }
  const options = kind.read(given, problems);
  return options === undefined ? refusedDecoder : { kind, options };
}

/** A refused operation is left out: the pipeline is refused with it. */
export function checkOperations(given: readonly OperationDefinition[], problems: Problem[]): Operation[] {
  const watermarks = given.filter((operation) => operation.kind === 'watermark').length;
  if (watermarks > 1) problems.push(notAllowed('withWatermark', watermarks, 'it once'));
  return given.flatMap((operation): Operation[] => {
    if (operation.kind === 'filter') {
      const predicate = readCallback<Callback<boolean>>('filter', operation.predicate, problems);
      return predicate === undefined ? [] : [{ kind: 'filter', predicate }];
    }
    if (operation.kind === 'map') {
      const mapper = readCallback<Callback<unknown>>('map', operation.mapper, problems);
      return mapper === undefined ? [] : [{ kind: 'map', mapper }];
    }
    if (operation.kind === 'flatMap')
      return checkFlatMap<Callback<Iterable<unknown>>>('flatMap', operation.mapper, operation.options, problems);
    return checkWatermark(operation.selector, operation.options, problems);
  });
}

/** `name`: of the step, in messages. */
export function checkFlatMap<Mapper extends (...args: never) => unknown>(
  name: string,
  given: unknown,
  options: RawOptions,
  problems: Problem[],
): { readonly kind: 'flatMap'; readonly mapper: Mapper; readonly maxElements: number }[] {
  const mapper = readCallback<Mapper>(name, given, problems);
  const { maxElements } = readOptions(name, options, flatMapRules, problems);
  return mapper === undefined ? [] : [{ kind: 'flatMap', mapper, maxElements }];
}

function checkWatermark(givenSelector: unknown, options: RawOptions, problems: Problem[]): Operation[] {
  const selector = readCallback<Callback<Date | number | string>>('withWatermark', givenSelector, problems);
  const read = readOptions('withWatermark', options, watermarkRules, problems);
  if (options.delay === undefined) problems.push(missing('withWatermark.delay', watermarkRules.delay.allowed));
  if (selector === undefined) return [];
  const { delay, idleTimeout, maxFutureTime } = read;
  return [
    {
      kind: 'watermark',
      eventTime: { selector, delayMs: delay, idleTimeoutMs: idleTimeout, maxFutureMs: maxFutureTime },
    },
  ];
}
