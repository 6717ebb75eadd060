/**
 * MD5, computed here: the kit has no modules of Node. Only what the Kinesis Producer Library (KPL) has packed is looked at
 * with it.
 */
import { addBlock, initialState } from '../core/md5-block.ts';

const blockBytes = 64;
/** Of the length, at the end of the last block. */
const lengthBytes = 8;

/** The digest, 16 bytes. */
export function md5(bytes: Uint8Array): Uint8Array {
  const blocks = padded(bytes);
  const state = Int32Array.from(initialState);
  for (let at = 0; at < blocks.byteLength; at += blockBytes) addBlock(state, wordsOf(blocks, at));
  const digest = new DataView(new ArrayBuffer(16));
  for (const [at, word] of state.entries()) digest.setInt32(at * 4, word, true);
  return new Uint8Array(digest.buffer);
}

function padded(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 1 + lengthBytes) / blockBytes) * blockBytes;
  const padding = new Uint8Array(length);
  padding.set(bytes);
  padding[bytes.length] = 0x80;
  const view = new DataView(padding.buffer);
  view.setBigUint64(length - lengthBytes, BigInt(bytes.length) * 8n, true);
  return view;
}

const wordsOf = (blocks: DataView, from: number): Int32Array =>
  Int32Array.from({ length: 16 }, (_, word) => blocks.getInt32(from + 4 * word, true));
