/** Tags of streams and of consumers. */
import { type Input, streamOf, takeInput, textIn, type World } from './calls.ts';
import { consumerIn } from './consumer-calls.ts';
import { refuse } from './errors.ts';

const mostTags = 50;

export function tagResource(world: World, given: unknown): object {
  const input = takeInput(given, ['ResourceARN', 'Tags']);
  const tags = tagsOf(world, input);
  const added = takeTags(input.Tags);
  if (new Set([...tags.keys(), ...added.keys()]).size > mostTags) throw refuse(`more than ${mostTags} tags`);
  for (const [key, value] of added) tags.set(key, value);
  return {};
}

export function listTagsForResource(world: World, given: unknown): object {
  const tags = tagsOf(world, takeInput(given, ['ResourceARN']));
  return { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
}

function tagsOf(world: World, input: Input): Map<string, string> {
  const arn = textIn(input, 'ResourceARN');
  if (arn.includes('/consumer/')) return consumerIn(world, { ConsumerARN: arn }).consumer.tags;
  return streamOf(world, { StreamARN: arn }).tags;
}

export function takeTags(given: unknown): Map<string, string> {
  const tags = new Map<string, string>();
  for (const [key, value] of Object.entries(given ?? {})) {
    if (key.length < 1 || key.length > 128) throw refuse(`the key of a tag must be of 1 to 128 characters: ${key}`);
    if (typeof value !== 'string' || value.length > 256)
      throw refuse(`the tag ${key} must be text of 0 to 256 characters`);
    tags.set(key, value);
  }
  if (tags.size > mostTags) throw refuse(`more than ${mostTags} tags`);
  return tags;
}
