/** What a function may take of memory, and what it has taken. */
export type FunctionMemory = {
  readonly limitBytes: number;
  /** The most that the process has had since it began. */
  peakBytes(): number;
};

/** `memoryMb`: undefined where functions share a process, which is no function's own. */
export const functionMemory = (memoryMb: number | undefined): FunctionMemory | undefined =>
  memoryMb === undefined
    ? undefined
    : { limitBytes: memoryMb * 1_048_576, peakBytes: () => process.resourceUsage().maxRSS * 1_024 };
