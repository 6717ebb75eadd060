/**
 * List prices of us-east-1, November 2026, without free tiers, in dollars.
 *
 * https://aws.amazon.com/dynamodb/pricing/on-demand/ (standard table class), https://aws.amazon.com/s3/pricing/ (S3 Standard; deletes cost
 * nothing), https://aws.amazon.com/lambda/pricing/ (ARM), https://aws.amazon.com/step-functions/pricing/ (the first tier of Express),
 * https://aws.amazon.com/eventbridge/pricing/ (Scheduler), https://aws.amazon.com/cloudwatch/pricing/ (logs taken in)
 */
export const prices = {
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** PUT, COPY, POST, LIST. */
  s3Put: 5 / 1e6,
  /** GET, and all others. */
  s3Get: 0.4 / 1e6,
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  expressRequest: 1 / 1e6,
  expressGbSecond: 0.00001667,
  standardTransition: 25 / 1e6,
  scheduledStart: 1 / 1e6,
  logGb: 0.5,
} as const;

export const secondsADay = 86_400;

/** Of each function, as the construct makes them (`infra/sluice-pipeline.ts`), in MB: the first is one full processor. */
export const memoryOf = { work: 1_769, driver: 512 } as const;

/** Memory that an Express execution is billed: the least, as long as its data are few. */
export const expressGb = 64 / 1_024;
