/**
 * What a placeholder may call: the methods of faker.js as it is today, and those under the names the Amazon Kinesis Data
 * Generator knows, which come from faker.js 3 to 5 and from its own additions (`date.now`, `date.utc`, `date.simTime`,
 * `random.weightedArrayElement`).
 *
 * An old name is found in one of four ways: its module was renamed (`name.firstName`), the method was renamed and takes
 * the same argument (`random.uuid`), it now takes an object instead of values one after the other (`finance.amount`), or
 * it needs code of its own (`random.number`).
 *
 * Deliberately absent: `helpers.createCard` and its like, which give "[object Object]" in the generator, `random.locale`,
 * and whatever wants a function as its argument.
 */
import { base, en, Faker } from '@faker-js/faker';
import { ownMethods } from './event-template-own-methods.ts';
import type { Method } from './event-template-types.ts';

const renamedModules: Readonly<Record<string, string>> = { name: 'person', address: 'location' };

const renamedMethods: Readonly<Record<string, string>> = {
  'address.streetName': 'location.street',
  'commerce.color': 'color.human',
  'company.bs': 'company.buzzPhrase',
  'company.bsAdjective': 'company.buzzAdjective',
  'company.bsBuzz': 'company.buzzVerb',
  'company.bsNoun': 'company.buzzNoun',
  'company.companyName': 'company.name',
  'datatype.uuid': 'string.uuid',
  'finance.account': 'finance.accountNumber',
  'helpers.randomize': 'random.arrayElement',
  'image.image': 'image.imageUrl',
  'internet.avatar': 'image.avatar',
  // Today's `internet.ip` also gives IPv6; templates from the generator expect four numbers.
  'internet.ip': 'internet.ipv4',
  'name.findName': 'person.fullName',
  'name.title': 'person.jobTitle',
  'phone.phoneNumberFormat': 'phone.number',
  'random.arrayElements': 'helpers.arrayElements',
  'random.boolean': 'datatype.boolean',
  'random.image': 'image.imageUrl',
  'random.uuid': 'string.uuid',
  'random.word': 'word.sample',
  'random.words': 'word.words',
};

/** Old methods with values in a row, and what the object that replaced them calls these. */
const nowWithOptions: Readonly<Record<string, readonly [method: string, ...names: string[]]>> = {
  'commerce.price': ['commerce.price', 'min', 'max', 'dec', 'symbol'],
  'date.between': ['date.between', 'from', 'to'],
  'date.future': ['date.future', 'years', 'refDate'],
  'date.past': ['date.past', 'years', 'refDate'],
  'date.recent': ['date.recent', 'days', 'refDate'],
  'date.soon': ['date.soon', 'days', 'refDate'],
  'finance.amount': ['finance.amount', 'min', 'max', 'dec', 'symbol'],
  'image.imageUrl': ['image.url', 'width', 'height'],
  'internet.email': ['internet.email', 'firstName', 'lastName', 'provider'],
  'internet.exampleEmail': ['internet.exampleEmail', 'firstName', 'lastName'],
  'internet.password': ['internet.password', 'length', 'memorable', 'pattern', 'prefix'],
  'internet.userName': ['internet.username', 'firstName', 'lastName'],
};

/** A faker of our own, to see which methods there are and to try a template out without touching the caller's. */
export function scratchFaker(): Faker {
  return new Faker({ locale: [en, base], seed: 1 });
}

type Modules = Readonly<Record<string, Readonly<Record<string, (...args: readonly unknown[]) => unknown>>>>;

export function findMethod(name: string): Method | undefined {
  const own = Object.hasOwn(ownMethods, name) ? ownMethods[name] : undefined;
  if (own !== undefined) return own;
  const options = Object.hasOwn(nowWithOptions, name) ? nowWithOptions[name] : undefined;
  if (options !== undefined) return withOptions(...options);
  const renamed = Object.hasOwn(renamedMethods, name) ? renamedMethods[name] : undefined;
  if (renamed !== undefined) return findMethod(renamed) as Method;

  const [module = '', method = ''] = splitName(name);
  const today = Object.hasOwn(renamedModules, module) ? `${renamedModules[module]}.${method}` : name;
  return fakerMethods.has(today) ? callFaker(today) : undefined;
}

/** Every name a template may use, old and new. */
export function methodNames(): readonly string[] {
  const inOldModules = Object.entries(renamedModules).flatMap(([old, today]) =>
    [...fakerMethods].filter((name) => name.startsWith(`${today}.`)).map((name) => name.replace(today, old)),
  );
  const tables = [ownMethods, nowWithOptions, renamedMethods].flatMap(Object.keys);
  return [...new Set([...fakerMethods, ...inOldModules, ...tables])].sort();
}

function splitName(name: string): readonly string[] {
  return name.split('.');
}

/** faker is typed method by method; a name from a template can only be looked up. `fakerMethods` vouches for it. */
function callFaker(name: string): Method {
  const [module = '', method = ''] = splitName(name);
  return (args) =>
    ({ faker }) =>
      (faker as unknown as Modules)[module]![method]!(...args);
}

function withOptions(name: string, ...names: readonly string[]): Method {
  const method = callFaker(name);
  return (args) => {
    const isObject = typeof args[0] === 'object' && args[0] !== null;
    if (args.length === 0 || isObject) return method(args);
    if (args.length > names.length) throw new TypeError(`it takes ${names.join(', ')}, and no more`);
    return method([Object.fromEntries(args.map((value, i) => [names[i], value]))]);
  };
}

/** "module.method" of everything in faker that can be called by a template. */
const fakerMethods: ReadonlySet<string> = listFakerMethods();

function listFakerMethods(): ReadonlySet<string> {
  const names = new Set<string>();
  const notModules = ['definitions', 'rawDefinitions', 'fakerCore'];
  for (const [module, methods] of Object.entries(scratchFaker() as unknown as Modules)) {
    if (typeof methods !== 'object' || module.startsWith('_') || notModules.includes(module)) continue;
    let level: unknown = methods;
    while (level !== null && level !== Object.prototype) {
      for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
        if (typeof value === 'function' && method !== 'constructor') names.add(`${module}.${method}`);
      }
      level = Object.getPrototypeOf(level);
    }
  }
  return names;
}
