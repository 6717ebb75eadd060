/**
 * List prices of us-east-1, November 2026, without free tiers, in dollars.
 *
 * https://aws.amazon.com/dynamodb/pricing/on-demand/ (standard table class), https://aws.amazon.com/s3/pricing/ (S3 Standard; deletes cost
 * nothing), https://aws.amazon.com/lambda/pricing/ (ARM)
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
} as const;

/** A trigger of 10 seconds. */
export const batchesADay = 8_640;

/** As the construct makes them (`infra/sluice-pipeline.ts`), in MB: the first is one full processor. */
export const memoryOf = { work: 1_769, driver: 512 } as const;

/** Of each function, beside what is measured: its start and its waits for answers. */
export const waitSeconds = 0.1;
