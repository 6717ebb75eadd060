/** What happens to events: decoding, filters, maps, the watermark. */
import type { OperationDefinition } from './definition.ts';
import { duration, oneOf, type Rule, readCallback, readOptions } from './option-rules.ts';
import { isPlainObject, type RawOptions } from './options.ts';
import type { Callback, Decoder, Operation } from './pipeline.ts';
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

const jsonRules = { largeIntegers: oneOf<'number' | 'text'>(['number', 'text'], 'number') };

export function checkDecoder(given: unknown, problems: Problem[]): Decoder {
  const decoder = isPlainObject(given) ? given : {};
  if (decoder.kind === 'bytes') return { kind: 'bytes' };
  if (decoder.kind !== 'json') {
    problems.push(notAllowed('decode', given, 'json(schema) or bytes()'));
    return { kind: 'bytes' };
  }
  const { schema, options } = decoder;
  const { largeIntegers } = readOptions('decode', isPlainObject(options) ? options : {}, jsonRules, problems);
  if (isStandardSchema(schema)) return { kind: 'json', schema, largeIntegers };
  const allowed = 'a schema of a library that speaks Standard Schema, such as zod';
  problems.push(notAllowed('decode.schema', schema, allowed));
  return { kind: 'bytes' };
}

/** Schemas may be functions as well as objects. */
function isStandardSchema(value: unknown): value is Extract<Decoder, { kind: 'json' }>['schema'] {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value))
    return false;
  const standard = value['~standard'];
  if (typeof standard !== 'object' || standard === null) return false;
  return (
    'version' in standard && standard.version === 1 && 'validate' in standard && typeof standard.validate === 'function'
  );
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
    return checkWatermark(operation.selector, operation.options, problems);
  });
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
