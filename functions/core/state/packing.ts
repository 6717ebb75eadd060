/** What the bytes of segments are made with. The core has none of it itself: it imports no module of Node. */
export type Packing = {
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * What was compressed, of which `length` says how many bytes it has.
   * @throws if it is not whole, or has more or fewer bytes
   */
  expand(bytes: Uint8Array, length: number): Uint8Array;
  /** SHA-256 of the bytes, or the first 16 bytes of it at least, as text. */
  digest(bytes: Uint8Array): string;
};
