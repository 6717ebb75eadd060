/** One past every event time: the watermark of a stream that was declared finished. */
export const endOfTime = 8_640_000_000_000_000;
