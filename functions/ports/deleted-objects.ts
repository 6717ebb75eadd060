/** Objects of a bucket that were deleted, and of which a version is kept still. */
export type DeletedObjects = {
  /** It is there again, as it was, when the call returns; or no version of it is left. */
  bringBack(key: string): Promise<'brought-back' | 'gone'>;
};
