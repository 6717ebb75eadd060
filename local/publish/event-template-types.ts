/** A placeholder of a template, from its name to its values. */
import type { Faker } from '@faker-js/faker';

export type Context = { readonly faker: Faker; readonly now: Date };

/** A placeholder with its arguments, ready to be asked for a value. Throws if the arguments make no sense. */
export type Produce = (context: Context) => unknown;

export type Method = (args: readonly unknown[]) => Produce;
