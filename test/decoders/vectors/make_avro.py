"""Writes avro.json: values as fastavro (and Apache's own avro) write and read them, and what fastavro makes of damaged ones.

    pip install fastavro==1.13.1 avro==1.12.2 && python make_avro.py > avro.json
"""
import datetime, io, json, sys
import avro.io, avro.schema, fastavro
from shared import D, damage, shown, verdict


def write(schema, value):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()


def write_apache(schema, value):
    out = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(json.dumps(schema))).write(value, avro.io.BinaryEncoder(out))
    return out.getvalue()


def read(data, writer, reader=None):
    source = io.BytesIO(data)
    value = fastavro.schemaless_reader(source, writer, reader)
    if source.read(1): raise ValueError('left over')
    return value


def record(*fields, name='R', **more):
    return {'type': 'record', 'name': name, 'fields': [
        {'name': n, 'type': t, **(rest[0] if rest else {})} for n, t, *rest in fields], **more}


logical = lambda type, name, **more: {'type': type, 'logicalType': name, **more}
utc = lambda *parts: datetime.datetime(*parts, tzinfo=datetime.timezone.utc)
node = record(('value', 'long'), ('next', ['null', 'Node']), name='Node')
inner = record(('n', 'int'), name='In', namespace='a.b')
suits = {'type': 'enum', 'name': 'Suit', 'symbols': ['SPADES', 'HEARTS']}
more_suits = {'type': 'enum', 'name': 'Suit', 'symbols': ['CLUBS', 'HEARTS'], 'default': 'CLUBS'}

same = [
    ('null', [None]), ('boolean', [True, False]), ('int', [0, -1, 1, -64, 64, 2 ** 31 - 1, -2 ** 31]),
    ('long', [0, -65, 8192, 2 ** 34, -2 ** 35, 2 ** 53 - 1, 1 - 2 ** 53, 2 ** 62, 2 ** 63 - 1, -2 ** 63]),
    ('float', [0.0, 1.5, -3.25e10, float('inf')]), ('double', [0.1, -1e300, 5e-324, float('nan')]),
    ('string', ['', 'Ünïcödé ✓ 😀', 'a' * 200, '\ufeffmark']), ('bytes', [b'', bytes(range(256))]),
    ({'type': 'array', 'items': 'int'}, [[], [1, 2, 3], list(range(300))]),
    ({'type': 'map', 'values': 'long'}, [{}, {'a': 1, '': -1}]),
    ({'type': 'fixed', 'name': 'F', 'size': 4}, [b'\0\1\2\3']), (suits, ['SPADES', 'HEARTS']),
    (['null', 'string', 'long'], [None, 'x', 7]), (node, [{'value': 1, 'next': {'value': 2, 'next': None}}]),
    (record(('one', inner), ('two', 'a.b.In'), ('list', {'type': 'array', 'items': ['null', 'a.b.In']})),
     [{'one': {'n': 1}, 'two': {'n': -1}, 'list': [None, {'n': 5}]}]),
]
converted = [
    (logical('long', 'timestamp-millis'), [utc(2026, 3, 1, 12), utc(1969, 12, 31, 23, 59, 59, 999000)]),
    (logical('long', 'timestamp-micros'), [utc(2026, 3, 1, 12, 0, 0, 1500), utc(1969, 12, 31, 23, 59, 59, 999999)]),
    (logical('bytes', 'decimal', precision=10, scale=2), [D('0.00'), D('12.34'), D('-12.34'), D('99999999.99'), D('-0.01')]),
    (logical('bytes', 'decimal', precision=4), [D('128'), D('-128'), D('-9999')]),
    ({'type': 'fixed', 'name': 'F', 'size': 12, 'logicalType': 'decimal', 'precision': 25, 'scale': 5}, [D('-12345678901234567890.12345'), D('0.00001')]),
]
resolved = [
    ('int', 'long', 5), ('int', 'double', -5), ('long', 'double', 2 ** 40), ('float', 'double', 1.5),
    ('string', 'bytes', 'é'), ('bytes', 'string', b'ok'), ('int', ['null', 'int'], 3), ('int', ['null', 'long'], 3),
    (['null', 'int'], 'int', 3), (['int', 'string'], ['string', 'null', 'long'], 9), (suits, more_suits, 'HEARTS'), (suits, more_suits, 'SPADES'),
    (record(('a', 'int'), ('gone', {'type': 'map', 'values': 'long'}), ('b', 'string')),
     record(('b', 'string'), ('a', 'long'), ('c', 'string', {'default': 'none'}), ('d', ['null', 'int'], {'default': None}),
            ('e', {'type': 'array', 'items': 'double'}, {'default': [1.5]}), ('f', inner, {'default': {'n': -7}}),
            ('h', suits, {'default': 'HEARTS'}), ('i', {'type': 'map', 'values': 'boolean'}, {'default': {'k': True}})),
     {'a': 1, 'gone': {'x': 2 ** 60}, 'b': 'two'}),
    (record(('old', 'int'), name='Old'), record(('new', 'int', {'aliases': ['old']}), name='New', aliases=['Old']), {'old': 4}),
    (record(('list', {'type': 'array', 'items': node})), record(('list', {'type': 'array', 'items': record(('next', ['null', 'Node']), name='Node')})),
     {'list': [{'value': 1, 'next': {'value': 2 ** 61, 'next': None}}]}),
]

cases = []
for schema, values in same + converted:
    for value in values:
        data = write(schema, value)
        if (schema, values) in same and not (isinstance(schema, dict) and 'logicalType' in schema):
            assert write_apache(schema, value) == data, (schema, value)
        cases.append({'writer': schema, 'hex': data.hex(), 'shown': shown(read(data, schema))})
for writer, reader, value in resolved:
    data = write(writer, value)
    cases.append({'writer': writer, 'reader': reader, 'hex': data.hex(), 'shown': shown(read(data, writer, reader))})

damaged_schema = record(
    ('id', 'long'), ('name', 'string'), ('ok', 'boolean'), ('ratio', 'double'), ('suit', suits), ('raw', 'bytes'),
    ('tags', {'type': 'map', 'values': 'int'}), ('parts', {'type': 'array', 'items': record(('n', 'int'), ('of', ['null', 'R', 'string']), name='Part')}),
    ('small', 'float'), ('mark', {'type': 'fixed', 'name': 'M', 'size': 2}))
leaf = {'id': -3, 'name': 'é', 'ok': True, 'ratio': 0.5, 'suit': 'SPADES', 'raw': b'', 'tags': {}, 'parts': [], 'small': 2.0, 'mark': b'hi'}
whole = {'id': 2 ** 40, 'name': 'Ada ✓', 'ok': False, 'ratio': -1e9, 'suit': 'HEARTS', 'raw': b'\x00\xff\x10', 'tags': {'a': 1, 'bb': -70},
         'parts': [{'n': 1, 'of': None}, {'n': -300, 'of': 'text'}, {'n': 7, 'of': leaf}], 'small': 1.25, 'mark': b'\x01\x02'}


payloads = [write(damaged_schema, value) for value in (whole, leaf)]
verdicts = []
for at in range(10_000):
    data = damage(payloads[at % 2], at)
    try:
        value = read(data, damaged_schema)
        is_canonical = fastavro.validate(value, damaged_schema, raise_errors=False) and write(damaged_schema, value) == data
        verdicts.append(verdict(value, is_canonical))
    except Exception:
        verdicts.append('-')
json.dump({'cases': cases, 'damaged': {'schema': damaged_schema, 'payloads': [p.hex() for p in payloads], 'verdicts': ''.join(verdicts)}}, sys.stdout, separators=(',', ':'))
print(len([v for v in verdicts if v[0] == '=']), len([v for v in verdicts if v[0] == '~']), file=sys.stderr)
