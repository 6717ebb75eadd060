/** What callbacks of a test are given of `withReference`: values that the test says, or what the pipeline's own loads give at once. */
import { SluiceError } from '../core/errors.ts';
import type { References } from '../core/references.ts';
import { isPlainObject } from '../pipeline/options.ts';
import type { ReferenceSpec } from '../pipeline/references.ts';
import { isThenable } from '../user-code/callback-failure.ts';

export class TestReferences {
  readonly #specs: readonly ReferenceSpec[];
  readonly #values: Record<string, unknown> = {};

  constructor(specs: readonly ReferenceSpec[], given: unknown, where = 'references') {
    this.#specs = specs;
    if (given !== undefined) this.set(given, where);
  }

  /** @throws SluiceError InvalidInput if it is not of the pipeline's */
  set(given: unknown, where: string): void {
    if (!isPlainObject(given)) throw new SluiceError('InvalidInput', `${where}: it is not allowed; use values by name`);
    for (const [name, value] of Object.entries(given)) {
      if (!this.#specs.some((spec) => spec.name === name)) throw unknownName(`${where}.${name}`, this.#specs);
      this.#values[name] = value;
    }
  }

  /**
   * Undefined: the pipeline has none.
   *
   * @throws SluiceError InvalidInput if a load promises what nothing was given for
   */
  take(): References | undefined {
    if (this.#specs.length === 0) return undefined;
    return Object.fromEntries(this.#specs.map((spec) => [spec.name, this.#valueOf(spec)]));
  }

  #valueOf({ name, load }: ReferenceSpec): unknown {
    if (Object.hasOwn(this.#values, name)) return this.#values[name];
    const value = load();
    if (isThenable(value)) {
      void Promise.resolve(value).catch(() => {});
      throw new SluiceError(
        'InvalidInput',
        `references.${name}: nothing is given, and its load returned a promise, which a test does not wait for; give its value`,
      );
    }
    this.#values[name] = value;
    return value;
  }
}

function unknownName(path: string, specs: readonly ReferenceSpec[]): SluiceError {
  const names = specs.map(({ name }) => name);
  const known = names.length === 0 ? 'none: the pipeline has no withReference' : names.join(', ');
  return new SluiceError('InvalidInput', `${path}: the pipeline has no such reference; use ${known}`);
}
