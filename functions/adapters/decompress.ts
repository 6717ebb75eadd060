/** gzip, zlib and zstd by Node's zlib. Synchronous: an event is small, and a thread for each would cost more than it gives. */
import { constants, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { type CompressedFormat, type Decompress, maxFrames, maxWindowLog } from '../core/expand-payload.ts';

export const decompress: Decompress = (format, data, maxBytes) => {
  try {
    const expanded = expand[format](data, maxBytes);
    return expanded.length > maxBytes ? { kind: 'too-large' } : { kind: 'expanded', data: expanded };
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    return code === 'ERR_BUFFER_TOO_LARGE' ? { kind: 'too-large' } : { kind: 'corrupt', reason: message };
  }
};

type Expand = (data: Uint8Array, maxBytes: number) => Uint8Array;

const expand: Readonly<Record<CompressedFormat, Expand>> = {
  // All members of the payload, each with its own checksum.
  gzip: (data, maxBytes) => gunzipSync(data, { maxOutputLength: maxBytes }),
  zlib: expandStream,
  zstd: expandFrames,
};

/** As with zstd: what follows the stream is left out in silence. */
function expandStream(data: Uint8Array, maxBytes: number): Uint8Array {
  const { buffer, engine } = inflateSync(data, { maxOutputLength: maxBytes, info: true }) as unknown as Inflated;
  if (engine.bytesWritten < data.length) throw new Error('bytes follow the end of the stream');
  return buffer;
}

/** The types know nothing of what `info` changes. */
type Inflated = { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };

/** zlib expands the first frame and is silent about what follows it: another frame, or bytes that belong to none. */
function expandFrames(data: Uint8Array, maxBytes: number): Uint8Array {
  const frames: Uint8Array[] = [];
  let left = maxBytes;
  for (let at = 0; at < data.length; ) {
    if (frames.length === maxFrames) throw new Error(`more than ${maxFrames} frames`);
    const { frame, used } = expandFrame(data.subarray(at), Math.max(1, left));
    frames.push(frame);
    left -= frame.length;
    at += used;
  }
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames);
}

function expandFrame(data: Uint8Array, maxBytes: number): { readonly frame: Uint8Array; readonly used: number } {
  const { buffer, engine } = zstdDecompressSync(data, {
    maxOutputLength: maxBytes,
    info: true,
    params: { [constants.ZSTD_d_windowLogMax]: maxWindowLog },
  }) as unknown as Inflated;
  if (engine.bytesWritten === 0) throw new Error('no frame begins here');
  return { frame: buffer, used: engine.bytesWritten };
}
