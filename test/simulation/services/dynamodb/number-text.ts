/** Numbers of DynamoDB: decimals of 38 digits as text, in one form for one value. */
import { refuse } from './errors.ts';

const maxDigits = 38;
const maxExponent = 125;
const minExponent = -130;
const plain = /^(?:0|-?[1-9]\d{0,37})$/;
const decimal = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The digits from the first to the last that is not zero; the first one counts 10 ** exponent. Zero has no digits. */
type Decimal = { readonly isNegative: boolean; readonly digits: string; readonly exponent: number };

/** Without needless zeros and without an exponent, as DynamoDB gives numbers back. */
export function normalNumber(text: string): string {
  if (plain.test(text)) return text;
  const { isNegative, digits, exponent } = decimalOf(text);
  if (digits === '') return '0';
  if (exponent > maxExponent) throw refuse('Number overflow. Attempting to store a number with too large a magnitude');
  if (exponent < minExponent) throw refuse('Number underflow. Attempting to store a number with too small a magnitude');
  if (digits.length > maxDigits) throw refuse('Attempting to store more than 38 significant digits in a Number');
  const sign = isNegative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function decimalOf(text: string): Decimal {
  const match = decimal.exec(text);
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? [];
  if (match === null || whole + fraction === '') {
    throw refuse(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const all = whole + fraction;
  const first = all.search(/[1-9]/);
  if (first < 0) return { isNegative: false, digits: '', exponent: 0 };
  return {
    isNegative: sign === '-',
    digits: all.slice(first).replace(/0+$/, ''),
    exponent: whole.length - first - 1 + Number(power),
  };
}

const isExact = (text: string): boolean => text.length <= 15 && !text.includes('.');

/** Of two normal numbers. */
export function compareNumbers(one: string, other: string): number {
  if (one === other) return 0;
  if (isExact(one) && isExact(other)) return Number(one) - Number(other);
  const [left, right] = [decimalOf(one), decimalOf(other)];
  const [leftSign, rightSign] = [signOf(left), signOf(right)];
  if (leftSign !== rightSign) return leftSign - rightSign;
  if (left.exponent !== right.exponent) return (left.exponent - right.exponent) * leftSign;
  return left.digits < right.digits ? -leftSign : leftSign;
}

const signOf = ({ isNegative, digits }: Decimal): number => (digits === '' ? 0 : isNegative ? -1 : 1);

/** Two digits to a byte, in pairs from even powers of ten on, and one for the exponent; one more below zero. */
export function numberBytes(text: string): number {
  if (text === '0') return 1;
  const isNegative = text.startsWith('-');
  if (isExact(text)) {
    let end = text.length;
    while (text.charCodeAt(end - 1) === zero) end -= 1;
    const sign = isNegative ? 1 : 0;
    return pairsOf(end - sign, text.length - sign - 1) + sign;
  }
  const { digits, exponent } = decimalOf(text);
  return pairsOf(digits.length, exponent) + (isNegative ? 1 : 0);
}

const zero = 48;

function pairsOf(digits: number, exponent: number): number {
  const isSplit = digits % 2 === 0 && exponent % 2 === 0;
  return 1 + Math.ceil(digits / 2) + (isSplit ? 1 : 0);
}
