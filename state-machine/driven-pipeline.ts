/** A definition says at the end of its comment which pipeline it drives, so that whoever has its ARN alone can find out. */
import type { Definition } from './asl.ts';

export const ofPipeline = (definition: Definition, pipeline: string): Definition => ({
  ...definition,
  Comment: [definition.Comment ?? [], `It drives the pipeline ${pipeline}.`].flat().join(' '),
});

const driven = /It drives the pipeline ([\w.-]+)\.$/;

/** `definition`: as JSON. Undefined: it does not say, as those of former versions do not. */
export function drivenPipeline(definition: string): string | undefined {
  const { Comment } = JSON.parse(definition) as { readonly Comment?: unknown };
  return typeof Comment === 'string' ? driven.exec(Comment)?.[1] : undefined;
}
