"""Writes protobuf.json: messages as Google's Python library writes and reads them, and what it makes of damaged ones.

    pip install protobuf==7.36.2 grpcio-tools==1.85.1
    python -m grpc_tools.protoc -I. --python_out=. readings.proto && python make_protobuf.py > protobuf.json
"""
import json, sys
from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf import message as messages, unknown_fields
from shared import damage, shown, verdict
import readings_pb2 as pb


def plain(message):
    """As protobuf-es has it: a field of a oneof under the name of that."""
    found = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        oneof = field.containing_oneof
        if field.message_type and field.message_type.GetOptions().map_entry:
            of = field.message_type.fields_by_name['value']
            found[field.name] = {str(key): plain(each) if of.message_type else each for key, each in value.items()}
        elif field.is_repeated:
            found[field.name] = [plain(each) if field.message_type else each for each in value]
        elif oneof is not None and not oneof.name.startswith('_'):
            case = message.WhichOneof(oneof.name)
            if case == field.name: found[oneof.name] = {'case': case, 'value': plain(value) if field.message_type else value}
            elif case is None: found[oneof.name] = {}
        elif not field.has_presence or message.HasField(field.name):
            found[field.name] = plain(value) if field.message_type else value
    return found


def has_unknown(message):
    if len(unknown_fields.UnknownFieldSet(message)): return True
    for field, value in message.ListFields():
        if not field.message_type: continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name['value'].message_type and any(map(has_unknown, value.values())): return True
        elif any(map(has_unknown, value if field.is_repeated else [value])): return True
    return False


Reading, Part = pb.Reading, pb.Reading.Part
leaf = Reading(id=-3, name='é', ok=True, ratio=0.5, suit=1, raw=b'', text='', maybe=0)
whole = Reading(
    id=2 ** 62, name='Ada ✓', ratio=-1e9, suit=0, raw=b'\x00\xff\x10', tags={'a': 1, '': -70, '__proto__': 7}, parts=[
        Part(n=1), Part(n=-300, of=leaf)], small=1.25, deltas=[0, -1, 2 ** 40, -2 ** 63], mark=2 ** 32 - 1,
    part=Part(n=5), maybe=7, words=['', 'two'], numbered={-1: Part(n=9), 5: Part(of=leaf)})
whole.at.FromMilliseconds(1_772_366_400_123)
others = [Reading(), Reading(id=2 ** 63 - 1), Reading(id=-2 ** 63), Reading(ratio=float('nan'), small=float('-inf')),
          Reading(name='\ufeff😀' * 20), Reading(parts=[Part(of=Reading(parts=[Part(of=leaf)]))]), Reading(suit=77), pb.Another(n=4)]
write = lambda message: message.SerializeToString(deterministic=True)
cases = [{'type': m.DESCRIPTOR.full_name, 'hex': write(m).hex(), 'shown': shown(plain(m))} for m in [leaf, whole] + others]

payloads = [write(whole), write(leaf)]
verdicts = []
for at in range(10_000):
    data = damage(payloads[at % 2], at)
    try:
        message = Reading.FromString(data)
        verdicts.append(verdict(plain(message), not has_unknown(message) and write(message) == data))
    except messages.DecodeError:
        verdicts.append('-')
print(*[sum(v[0] == kind for v in verdicts) for kind in '=~-'], file=sys.stderr)
json.dump({'cases': cases, 'damaged': {'payloads': [p.hex() for p in payloads], 'verdicts': ''.join(verdicts)}}, sys.stdout, separators=(',', ':'))
