/** How producers compress the payload of each event. */

/** `auto`: by the first bytes of each payload. What begins like neither format is taken as it is. */
export const compressions = ['none', 'gzip', 'zstd', 'auto'] as const;
export type Compression = (typeof compressions)[number];
