"""What make_avro.py and make_protobuf.py share; vectors.ts has the same in TypeScript."""
import datetime, decimal, hashlib, struct, uuid

D = decimal.Decimal


def shown(value):
    """Values as text: equal in Python and in TypeScript exactly if the values are."""
    if value is None: return 'null'
    if value is True or value is False: return str(value).lower()
    if isinstance(value, int): return str(value)
    if isinstance(value, float):
        if value == value and abs(value) < 2 ** 53 and value == int(value): return str(int(value))
        return 'nan' if value != value else 'd' + struct.pack('>d', value).hex()
    if isinstance(value, str): return 's' + value.encode().hex()
    if isinstance(value, bytes): return 'b' + value.hex()
    if isinstance(value, D): return 's' + format(value, 'f').encode().hex()
    if isinstance(value, uuid.UUID): return 's' + str(value).encode().hex()
    if isinstance(value, datetime.datetime):
        ms = (value - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)
        return 't' + str(ms)
    if isinstance(value, list): return '[' + ','.join(map(shown, value)) + ']'
    return '{' + ','.join(sorted(shown(k) + ':' + shown(v) for k, v in value.items())) + '}'


def damage(data, at):
    """One to three changes, by numbers that TypeScript draws as well."""
    state = (at * 2654435761 + 12345) & 0xffffffff
    def draw(below):
        nonlocal state
        state ^= (state << 13) & 0xffffffff; state ^= state >> 17; state ^= (state << 5) & 0xffffffff
        return state % below
    data = bytearray(data)
    for _ in range(1 + draw(3)):
        kind, place = draw(6), draw(max(1, len(data)))
        if kind == 0: data[place:place + 1] = bytes([draw(256)])
        elif kind == 1: data[place:place + 1] = bytes([(data[place] if data else 0) ^ (1 << draw(8))])
        elif kind == 2: del data[place:]
        elif kind == 3: del data[place:place + 1]
        elif kind == 4: data[place:place] = bytes([draw(256)])
        else: data[place:place] = bytes([255]) * (1 + draw(9))
    return bytes(data)


def verdict(value, is_canonical):
    return ('=' if is_canonical else '~') + hashlib.sha256(shown(value).encode()).hexdigest()[:6]
