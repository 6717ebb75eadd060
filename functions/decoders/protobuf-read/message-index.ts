/**
 * The number that serializers of the AWS Glue Schema Registry write before a message: its place among all messages of its
 * file, those within others and the entries of maps included, in the order of their full names.
 */
import type { DescMessage } from '@bufbuild/protobuf';

export function messageIndexOf({ typeName, file }: DescMessage): number {
  const names = namesIn(file.proto.messageType, file.proto.package);
  return names.sort().indexOf(typeName);
}

type Proto = DescMessage['proto'];

function namesIn(messages: readonly Proto[], prefix: string): string[] {
  return messages.flatMap(({ name, nestedType }) => {
    const fullName = prefix === '' ? name : `${prefix}.${name}`;
    return [fullName, ...namesIn(nestedType, fullName)];
  });
}

/** The number at the beginning of `data`, and where the message begins. Undefined: there is none. */
export function takeIndex(data: Uint8Array): { readonly index: number; readonly at: number } | undefined {
  let index = 0;
  for (let at = 0; at < Math.min(5, data.length); at += 1) {
    index += (data[at]! & 0x7f) * 2 ** (7 * at);
    if (data[at]! < 0x80) return { index, at: at + 1 };
  }
  return undefined;
}
