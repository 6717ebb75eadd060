import { base, de, en, Faker } from '@faker-js/faker';
import { describe, expect, it } from 'vitest';
import {
  EventTemplateError,
  parseEventTemplate,
  render,
  type TemplateProblem,
} from '../../../local/publish/event-template.ts';
import { parseTimeFormat } from '../../../local/publish/time-format.ts';

/** A Saturday, in the afternoon. */
const now = new Date('2001-02-03T16:05:06.078Z');
const newFaker = (seed = 7): Faker => new Faker({ locale: [en, base], seed });

const one = (template: string, faker = newFaker()): string => render(parseEventTemplate(template), { faker, now });
const many = (template: string, count = 300): string[] => {
  const faker = newFaker();
  const parsed = parseEventTemplate(template);
  return Array.from({ length: count }, () => render(parsed, { faker, now }));
};
const distinct = (template: string): string[] => [...new Set(many(template))].sort();
const problemsOf = (template: string): readonly TemplateProblem[] => {
  try {
    parseEventTemplate(template);
  } catch (error) {
    if (error instanceof EventTemplateError) return error.problems;
    throw error;
  }
  return [];
};

describe('a template of the data generator', () => {
  it('becomes an event of JSON', () => {
    const template = `
      {
        "sensorId": {{random.number(50)}},
        "temperature": {{random.number(
            {
                "min":10,
                "max":150
            }
        )}},
        "status": "{{random.arrayElement(
            ["OK","FAIL","WARN"]
        )}}"
      }`;
    for (const event of many(template)) {
      const { sensorId, temperature, status } = JSON.parse(event);
      expect(sensorId >= 0 && sensorId <= 50 && temperature >= 10 && temperature <= 150).toBe(true);
      expect(['OK', 'FAIL', 'WARN']).toContain(status);
    }
  });

  it('becomes an event of one line, without the space around it (TEMPLATE-3)', () => {
    expect(one('\r\n  {"a":\r\n {{random.number(0)}},\n"b": 1}\n')).toBe('{"a": 0,"b": 1}');
  });

  it('becomes an event of comma-separated values', () => {
    expect(one('{{name.firstName}},{{name.lastName}},{{random.number(70)}},{{internet.ip}}')).toMatch(
      /^[\w'-]+,[\w' -]+,\d+,\d+\.\d+\.\d+\.\d+$/,
    );
  });

  it('may have no placeholder at all, or nothing but one, or several without anything between', () => {
    expect(one('just text')).toBe('just text');
    expect(one('')).toBe('');
    expect(one('{{random.number(0)}}{{random.number(0)}}')).toBe('00');
  });

  it('may have braces around a placeholder', () => {
    expect(one('{"a":{"b":{{random.number(0)}}}}')).toBe('{"a":{"b":0}}');
  });

  it('gives the same events for the same seed and time, and others for another seed (TEMPLATE-2)', () => {
    const template = parseEventTemplate(
      '{{random.uuid}} {{date.past}} {{date.now}} {{string.ulid}} {{git.commitDate}}',
    );
    const first = render(template, { faker: newFaker(1), now });
    expect(render(template, { faker: newFaker(1), now })).toBe(first);
    expect(render(template, { faker: newFaker(2), now })).not.toBe(first);
  });

  it('is read without drawing from anyone else, so reading another does not change the events (TEMPLATE-1)', () => {
    const faker = newFaker(1);
    parseEventTemplate('{{random.number}}');
    expect(one('{{random.number}}', faker)).toBe(one('{{random.number}}', newFaker(1)));
  });

  it('speaks the language of the faker given', () => {
    const faker = new Faker({ locale: [de, en, base], seed: 1 });
    expect(one('{{date.month}}', faker)).toBe(new Faker({ locale: de, seed: 1 }).date.month());
  });
});

describe('random numbers', () => {
  it('include both ends', () => {
    expect(distinct('{{random.number(3)}}')).toEqual(['0', '1', '2', '3']);
    expect(distinct('{{random.number({"min":-1,"max":1})}}')).toEqual(['-1', '0', '1']);
  });

  it('go up to 99,999 by default', () => {
    expect(many('{{random.number}}').every((text) => /^\d{1,5}$/.test(text))).toBe(true);
    expect(many('{{random.number()}}')).toEqual(many('{{random.number}}'));
  });

  it('come in steps of the precision, without noise in the last digit', () => {
    expect(distinct('{{random.number({"max":1,"precision":0.25})}}')).toEqual(['0', '0.25', '0.5', '0.75', '1']);
    expect(distinct('{{random.number({"min":10,"max":30,"precision":10})}}')).toEqual(['10', '20', '30']);
    expect(many('{{random.number({"max":1,"precision":0.1})}}').every((text) => text.length <= 3)).toBe(true);
    expect(many('{{random.float({"max":1})}}').every((text) => /^[01](\.\d\d?)?$/.test(text))).toBe(true);
  });
});

describe('choices', () => {
  it('are made from an array of any JSON values (TEMPLATE-4)', () => {
    expect(distinct('{{random.arrayElement(["a", 1, null, {"b": [2]}])}}')).toEqual(['1', 'a', 'null', '{"b":[2]}']);
    expect(distinct('{{random.arrayElement}}')).toEqual(['a', 'b', 'c']);
    expect(distinct('{{helpers.randomize(["a"])}}')).toEqual(['a']);
  });

  it('follow their weights, and a weight of 0 means never', () => {
    const template = '{{random.weightedArrayElement({"weights":[0.2,0.8,0],"data":["a","b","c"]})}}';
    const events = many(template, 2_000);
    const share = events.filter((event) => event === 'a').length / events.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
    expect(events).not.toContain('c');
  });

  it('are made from the keys or values of an object', () => {
    expect(distinct('{{random.objectElement({"a":1,"b":2})}}')).toEqual(['1', '2']);
    expect(distinct('{{random.objectElement({"a":1,"b":2}, "key")}}')).toEqual(['a', 'b']);
  });
});

describe('times', () => {
  it.each([
    ['date.now', '2001-02-03T16:05:06+00:00'],
    ['date.utc', '2001-02-03T16:05:06Z'],
    ['date.simTime', '2001-02-03T16:05:06+00:00'],
    ['current.timestamp', '2001-02-03T16:05:06+00:00'],
    ['date.now("YYYY-MM-DD hh:mm:ss")', '2001-02-03 04:05:06'],
    ['date.now("YYYY-MM-DD HH:mm:ss")', '2001-02-03 16:05:06'],
    ['date.now(YYYY-MM-DD)', '2001-02-03'],
    ['date.now("dddd, MMMM Do YYYY, h:mm:ss a")', 'Saturday, February 3rd 2001, 4:05:06 pm'],
    ['date.now("ddd, hA")', 'Sat, 4PM'],
    ['date.utc("DD/MMM/YYYY:HH:mm:ss ZZ")', '03/Feb/2001:16:05:06 +0000'],
    ['date.utc("YYYY-MM-DDTHH:mm:ss.SSS[Z]")', '2001-02-03T16:05:06.078Z'],
    ['date.now("x")', '981216306078'],
    ['date.now("(HH)")', '(16)'],
  ])('are written as asked: {{%s}}', (placeholder, expected) => {
    expect(one(`{{${placeholder}}}`)).toBe(expected);
  });

  it.each([
    ['YY M Mo D d do E Q Qo', '01 2 2nd 3 6 6th 6 1 1st'],
    ['DDD DDDD DDDo W WW Wo GGGG GG', '34 034 34th 5 05 5th 2001 01'],
    ['MMM dd e H k kk m s', 'Feb Sa 6 16 16 16 5 6'],
    ['S SS SSS SSSSSS', '0 07 078 078000'],
    ['X x Z ZZ A', '981216306 981216306078 +00:00 +0000 PM'],
    ['hmm hmmss Hmm Hmmss', '405 40506 1605 160506'],
    ['LT|LTS|L|LL', '4:05 PM|4:05:06 PM|02/03/2001|February 3, 2001'],
    ['LLL|LLLL', 'February 3, 2001 4:05 PM|Saturday, February 3, 2001 4:05 PM'],
    ['[YYYY at] HH [o clock] - é', 'YYYY at 16 o clock - é'],
  ])('know the tokens %s', (format, expected) => {
    expect(parseTimeFormat(format)(now)).toBe(expected);
  });

  it.each([
    ['2001-01-01T00:00:00Z', 'h hh H k A', '12 12 0 24 AM'],
    ['2001-01-01T12:00:00Z', 'h hh H k A', '12 12 12 12 PM'],
    ['2000-12-31T23:59:59Z', 'DDD GGGG WW E', '366 2000 52 7'],
    ['2021-01-01T00:00:00Z', 'YYYY GGGG WW', '2021 2020 53'],
    ['2024-12-30T00:00:00Z', 'YYYY GGGG WW', '2024 2025 01'],
  ])('are right at the edges: %s', (time, format, expected) => {
    expect(parseTimeFormat(format)(new Date(time))).toBe(expected);
  });

  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [21, '21st'],
    [30, '30th'],
  ])('count days as %s: %s', (day, expected) => {
    expect(parseTimeFormat('Do')(new Date(Date.UTC(2001, 0, day)))).toBe(expected);
  });

  it('are refused in a format that would need a locale', () => {
    expect(() => parseTimeFormat('YYYY-ww')).toThrow('"ww" is not a supported part of a time format');
  });

  it('in the past and future go by the time given, and are ISO 8601 (TEMPLATE-2, TEMPLATE-4)', () => {
    for (const event of many('{{date.past(2)}} {{date.future}} {{date.recent}} {{date.soon(3)}}')) {
      const [past, future, recent, soon] = event.split(' ').map((text) => Date.parse(text)) as number[];
      expect(past! < now.getTime() && recent! <= now.getTime()).toBe(true);
      expect(future! > now.getTime() && soon! >= now.getTime()).toBe(true);
      expect(recent! > now.getTime() - 86_400_001 && soon! < now.getTime() + 3 * 86_400_001).toBe(true);
    }
  });
});

describe('old names', () => {
  const old = `
    name.firstName name.lastName name.findName name.jobTitle name.prefix name.suffix name.title name.jobDescriptor
    name.jobArea name.jobType
    address.zipCode address.city address.cityPrefix address.citySuffix address.streetName address.streetAddress
    address.streetSuffix address.secondaryAddress address.county address.country address.countryCode address.state
    address.stateAbbr address.latitude address.longitude
    company.suffixes company.companyName company.companySuffix company.catchPhrase company.bs
    company.catchPhraseAdjective company.catchPhraseDescriptor company.catchPhraseNoun company.bsAdjective
    company.bsBuzz company.bsNoun
    commerce.color commerce.department commerce.productName commerce.price commerce.productAdjective
    commerce.productMaterial commerce.product
    finance.account finance.accountName finance.mask finance.amount finance.transactionType finance.currencyCode
    finance.currencyName finance.currencySymbol finance.bitcoinAddress
    hacker.abbreviation hacker.adjective hacker.noun hacker.verb hacker.ingverb hacker.phrase
    image.image image.avatar image.imageUrl
    internet.avatar internet.email internet.exampleEmail internet.userName internet.protocol internet.url
    internet.domainName internet.domainSuffix internet.domainWord internet.ip internet.userAgent internet.color
    internet.mac internet.password
    lorem.words lorem.sentence lorem.sentences lorem.paragraph lorem.paragraphs
    phone.phoneNumber phone.phoneNumberFormat
    random.number random.arrayElement random.weightedArrayElement random.objectElement random.uuid random.boolean
    random.word random.words random.image random.alphaNumeric
    date.past date.future date.recent date.month date.weekday date.now date.utc date.simTime
    system.fileName system.commonFileName system.mimeType system.commonFileType system.commonFileExt system.fileType
    system.fileExt system.semver
    datatype.number datatype.uuid`;

  it.each(old.trim().split(/\s+/))('%s still gives something', (name) => {
    expect(one(`{{${name}}}`)).not.toBe('');
  });

  it.each([
    ['finance.amount(5, 5, 1, "$")', '$5.0'],
    ['finance.amount({"min":5,"max":5,"dec":0})', '5'],
    ['commerce.price(3, 3)', '3.00'],
    ['internet.email("ada", "lovelace", "example.org")', /^ada.*@example\.org$/i],
    ['internet.password(20)', /^.{20}$/],
    ['finance.account(4)', /^\d{4}$/],
    ['finance.mask(3)', /^\d{3}$/],
    ['phone.phoneNumber("+44 ## !#")', /^\+44 \d\d [2-9]\d$/],
    ['helpers.replaceSymbolWithNumber("a-#?")', /^a-\d\?$/],
    ['helpers.replaceSymbols("##-??")', /^\d\d-[A-Z]{2}$/],
    ['helpers.slugify("a b")', 'a-b'],
    ['random.alphaNumeric(6)', /^[a-z0-9]{6}$/],
    ['random.words(3)', /^\S+ \S+ \S+$/],
    ['random.uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/],
    ['address.zipCode("##")', /^\d\d$/],
    ['address.stateAbbr', /^[A-Z]{2}$/],
    ['date.month({"abbr":true})', /^[A-Z][a-z]{2}$/],
    ['lorem.words(4)', /^\w+ \w+ \w+ \w+$/],
    ['internet.color', /^#[0-9a-f]{6}$/],
  ])('take the arguments they took: %s', (placeholder, expected) => {
    expect(one(`{{${placeholder}}}`)).toMatch(expected);
  });

  it('give names of the sex asked for by number', () => {
    const faker = newFaker(3);
    expect(one('{{name.firstName(1)}}', newFaker(3))).toBe(faker.person.firstName('female'));
  });

  it('never give an IPv6 address for internet.ip', () => {
    expect(many('{{internet.ip}}').every((ip) => /^[\d.]+$/.test(ip))).toBe(true);
  });
});

describe('names of faker.js as it is today', () => {
  it.each(['person.firstName', 'string.uuid', 'location.city', 'airline.flightNumber', 'vehicle.vin'])('%s', (name) => {
    expect(one(`{{ ${name} }}`)).not.toBe('');
  });

  it('take their arguments as JSON', () => {
    expect(one('{{string.numeric({"length":9})}}')).toMatch(/^\d{9}$/);
    expect(one('{{number.int({"min":4,"max":4})}}')).toBe('4');
    expect(JSON.parse(one('{{helpers.shuffle(["a","b"])}}')).sort()).toEqual(['a', 'b']);
  });
});

describe('a template with mistakes', () => {
  it('is refused with all of them, where they are and what may have been meant (TEMPLATE-1)', () => {
    expect(problemsOf('{"a": {{random.numbr(5)}},\n "b": "{{name.frstName}}", "c": {{random.number(1)}}}')).toEqual([
      {
        placeholder: '{{random.numbr(5)}}',
        line: 1,
        column: 7,
        reason: 'there is no "random.numbr"',
        closeNames: ['random.number'],
      },
      expect.objectContaining({ placeholder: '{{name.frstName}}', line: 2, column: 8 }),
    ]);
  });

  it('says so in its message', () => {
    expect(() => parseEventTemplate('x {{person.fistName}}')).toThrow(
      'line 1, column 3: {{person.fistName}}: there is no "person.fistName"; did you mean person.firstName',
    );
  });

  it.each([
    ['{{uuid.uuid}}', 'string.uuid'],
    ['{{Random.Number}}', 'random.number'],
    ['{{date.current}}', 'date.'],
  ])('is told of close names: %s', (template, expected) => {
    expect(problemsOf(template)[0]?.closeNames.join(' ')).toContain(expected);
  });

  it.each([
    ['{{random.arrayElement([1,)}}', 'not JSON'],
    ["{{date.now('YYYY')}}", 'double quotes'],
    ['{{random.number(5}}', 'not closed'],
    ['{{date.now("YYYY)}}', 'not closed'],
    ['{{random.number', 'comes }}'],
    ['{{random.number 5}}', 'comes }}'],
    ['{{random}}', 'a name like'],
    ['{{}}', 'a name like'],
    ['{{random.arrayElement([])}}', 'at least one element'],
    ['{{random.arrayElement("abc")}}', 'JSON array'],
    ['{{random.weightedArrayElement({"weights":[1],"data":["a","b"]})}}', '1 weights for 2'],
    ['{{random.weightedArrayElement({"weights":[0],"data":["a"]})}}', 'above 0'],
    ['{{random.weightedArrayElement({"weights":[-1],"data":["a"]})}}', 'at least 0'],
    ['{{random.weightedArrayElement(["a"])}}', '"weights"'],
    ['{{random.number({"min":5,"max":1})}}', 'above the largest'],
    ['{{random.number({"min":"5"})}}', 'must be numbers'],
    ['{{random.number({"precision":0})}}', 'above 0'],
    ['{{date.now(5)}}', 'time format'],
    ['{{date.now("ww")}}', '"[ww]"'],
    ['{{name.firstName("x")}}', '"female"'],
    ['{{finance.amount(1,2,3,"$",5)}}', 'no more'],
    ['{{helpers.multiple(3)}}', 'faker cannot make it'],
    ['{{number.int({"min":5,"max":1})}}', 'faker cannot make it'],
    ['{{helpers.constructor}}', 'there is no'],
    ['{{fakerCore.config}}', 'there is no'],
    ['{{toString.call}}', 'there is no'],
    ['{{constructor.constructor("return 1")}}', 'there is no'],
  ])('is refused: %s (%s)', (template, reason) => {
    const [problem] = problemsOf(template);
    expect(problem?.reason).toContain(reason);
  });

  it('has a name that survives bundling', () => {
    expect(new EventTemplateError([]).name).toBe('EventTemplateError');
  });

  it('goes on after a mistake, so that later ones are reported as well', () => {
    expect(problemsOf('{{}} {{random.number(}} {{nope.nope}}').map(({ column }) => column)).toEqual([1, 6, 25]);
  });
});
