export const fingerprintMessage = (saved: string, current: string): string =>
  `the saved state was made by keys, window and aggregates ${saved}; the code now says ${current}. ` +
  'Go back to the earlier definition, or start under another pipeline name.';
