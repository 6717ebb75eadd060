export * from '../pipeline/errors.ts';
