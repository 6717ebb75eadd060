/**
 * Placeholders of the Amazon Kinesis Data Generator that no method of today's faker.js stands for.
 *
 * Arguments are checked before the first event: the functions here throw on those they cannot use.
 */
import type { Faker } from '@faker-js/faker';
import type { Method, Produce } from './event-template-types.ts';
import { parseTimeFormat } from './time-format.ts';

/** What moment.js writes without a format, in local time (here UTC too) and in UTC. */
const isoLocal = 'YYYY-MM-DDTHH:mm:ssZ';
const isoUtc = 'YYYY-MM-DDTHH:mm:ss[Z]';

export const ownMethods: Readonly<Record<string, Method>> = {
  'current.timestamp': time(isoLocal),
  'date.now': time(isoLocal),
  'date.simTime': time(isoLocal),
  'date.utc': time(isoUtc),
  'date.month': named((faker, options) => faker.date.month(options)),
  'date.weekday': named((faker, options) => faker.date.weekday(options)),

  'random.number': ([options]) => numberIn(range(options, { max: 99_999, precision: 1 })),
  'datatype.number': ([options]) => numberIn(range(options, { max: 99_999, precision: 1 })),
  'random.float': ([options]) => numberIn(floatRange(options)),
  'datatype.float': ([options]) => numberIn(floatRange(options)),
  'random.alpha': ([length = 1]) => text((faker) => faker.string.alpha({ length: count(length), casing: 'lower' })),
  'random.alphaNumeric': ([length = 1]) =>
    text((faker) => faker.string.alphanumeric({ length: count(length), casing: 'lower' })),
  'random.hexaDecimal': ([length = 1]) => text((faker) => faker.string.hexadecimal({ length: count(length) })),

  'random.arrayElement': ([array = ['a', 'b', 'c']]) => {
    const elements = nonEmpty(array);
    return ({ faker }) => faker.helpers.arrayElement(elements);
  },
  'random.weightedArrayElement': ([options = { weights: [0.5, 0.5], data: ['dog', 'cat'] }]) => {
    const choices = weighted(options);
    return ({ faker }) => faker.helpers.weightedArrayElement(choices);
  },
  'random.objectElement': ([object = { foo: 'bar', too: 'car' }, part]) => {
    if (!isRecord(object)) throw new TypeError('it takes a JSON object');
    return ({ faker }) => (part === 'key' ? faker.helpers.objectKey(object) : faker.helpers.objectValue(object));
  },

  'name.firstName': ([sex]) => text((faker) => faker.person.firstName(sexOf(sex))),
  'name.lastName': ([sex]) => text((faker) => faker.person.lastName(sexOf(sex))),
  'name.middleName': ([sex]) => text((faker) => faker.person.middleName(sexOf(sex))),
  'name.prefix': ([sex]) => text((faker) => faker.person.prefix(sexOf(sex))),

  'address.cityPrefix': () => oneOf((faker) => faker.definitions.location.city_prefix),
  'address.citySuffix': () => oneOf((faker) => faker.definitions.location.city_suffix),
  'address.streetSuffix': () => oneOf((faker) => faker.definitions.location.street_suffix),
  'address.stateAbbr': () => text((faker) => faker.location.state({ abbreviated: true })),
  'company.companySuffix': () => oneOf((faker) => faker.definitions.company.legal_entity_type),
  'company.suffixes': () => oneOf((faker) => faker.definitions.company.legal_entity_type),

  'finance.mask': ([length = 4]) => text((faker) => faker.string.numeric({ length: count(length) })),
  'helpers.replaceSymbolWithNumber': ([pattern = '', symbol = '#']) => digitsFor(String(pattern), String(symbol)),
  // Without a pattern, faker's own; the old one had a list of them.
  'phone.phoneNumber': ([pattern]) =>
    pattern === undefined ? text((faker) => faker.phone.number()) : digitsFor(String(pattern), '#'),
  'internet.color': () => text((faker) => faker.color.rgb()),
  'git.shortSha': () => text((faker) => faker.git.commitSha({ length: 7 })),
};

function text(make: (faker: Faker) => string): Produce {
  return ({ faker }) => make(faker);
}

function time(byDefault: string): Method {
  return ([format = byDefault]) => {
    if (typeof format !== 'string') throw new TypeError('it takes a time format in quotes, like "YYYY-MM-DD HH:mm:ss"');
    const write = parseTimeFormat(format);
    return ({ now }) => write(now);
  };
}

type Names = { readonly abbreviated: boolean; readonly context: boolean };

/** `abbr` became `abbreviated`. */
function named(make: (faker: Faker, options: Names) => string): Method {
  return ([options = {}]) => {
    if (!isRecord(options)) throw new TypeError('it takes a JSON object, like {"abbr": true}');
    const { abbr, abbreviated = abbr, context } = options;
    return text((faker) => make(faker, { abbreviated: abbreviated === true, context: context === true }));
  };
}

type Range = { readonly min: number; readonly max: number; readonly precision: number };

/** A number is the largest value; the range includes both its ends. */
function range(options: unknown, byDefault: { readonly max: number; readonly precision: number }): Range {
  const given = typeof options === 'number' ? { max: options } : (options ?? {});
  if (!isRecord(given)) throw new TypeError('it takes a number or {"min": …, "max": …, "precision": …}');
  const { min = 0, max = byDefault.max, precision = byDefault.precision } = given;
  if (!isFiniteNumber(min) || !isFiniteNumber(max) || !isFiniteNumber(precision) || precision <= 0) {
    throw new TypeError('"min", "max" and "precision" must be numbers, and "precision" above 0');
  }
  if (min > max) throw new RangeError(`the smallest value, ${min}, is above the largest, ${max}`);
  return { min, max, precision };
}

/** Here a number is the precision: `random.float(0.1)`. */
function floatRange(options: unknown): Range {
  const given = typeof options === 'number' ? { precision: options } : options;
  return range(given, { max: 99_999, precision: 0.01 });
}

function numberIn({ min, max, precision }: Range): Produce {
  const options = { min, max, multipleOf: precision };
  const isWhole = Number.isInteger(precision);
  return ({ faker }) => (isWhole ? faker.number.int(options) : faker.number.float(options));
}

function weighted(options: unknown): { weight: number; value: unknown }[] {
  const { weights, data } = isRecord(options) ? options : {};
  if (!Array.isArray(weights) || !Array.isArray(data)) throw new TypeError('it takes {"weights": […], "data": […]}');
  if (weights.length !== data.length) {
    throw new RangeError(`there are ${weights.length} weights for ${data.length} elements of data`);
  }
  if (!weights.every((weight) => isFiniteNumber(weight) && weight >= 0)) {
    throw new TypeError('weights must be numbers of at least 0');
  }
  // faker refuses a weight of 0, which in the generator means never.
  const choices = data.map((value, i) => ({ weight: Number(weights[i]), value })).filter(({ weight }) => weight > 0);
  if (choices.length === 0) throw new RangeError('no weight is above 0');
  return choices;
}

function nonEmpty(array: unknown): readonly unknown[] {
  if (!Array.isArray(array) || array.length === 0) throw new TypeError('it takes a JSON array of at least one element');
  return array;
}

/** faker's lists are of unknown type, since a locale may lack them; then faker says so. */
function oneOf(list: (faker: Faker) => unknown): Produce {
  return ({ faker }) => faker.helpers.arrayElement(nonEmpty(list(faker)));
}

/** Every symbol becomes a digit; a `!`, as in the patterns of phone numbers, one from 2 to 9. */
function digitsFor(pattern: string, symbol: string): Produce {
  return ({ faker }) =>
    Array.from(pattern, (character) => {
      if (character === symbol) return faker.number.int(9);
      return character === '!' ? faker.number.int({ min: 2, max: 9 }) : character;
    }).join('');
}

/** The old numbers, or today's words. */
function sexOf(sex: unknown): 'male' | 'female' | undefined {
  if (sex === undefined) return undefined;
  if (sex === 0 || sex === 'male') return 'male';
  if (sex === 1 || sex === 'female') return 'female';
  throw new TypeError('it takes 0 or "male", 1 or "female"');
}

function count(length: unknown): number {
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 1) throw new TypeError('it takes a length');
  return length;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
