/**
 * What a call is billed: request units of a table on demand, which are capacity units where capacity is provisioned.
 *
 * A write is billed by each full or begun KB of the item, of what it was before or is after, whichever is larger; a delete thus by the size
 * of what it deletes, and what a condition refuses like the write. A consistent read is billed by each 4 KB: of a query the sum of all
 * that it passes over, whatever it shows of it. What is not there costs one unit.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export type BilledUnits = { readonly writeUnits: number; readonly readUnits: number };

export class Bill implements BilledUnits {
  writeUnits = 0;
  readUnits = 0;

  /** Of one item. */
  write(bytesBefore: number, bytesAfter: number): void {
    this.writeUnits += unitsOf(Math.max(bytesBefore, bytesAfter), 1_024);
  }

  /** Of one item, or of one page of a query. One that need not be consistent is billed half. */
  read(bytes: number, isConsistent: boolean): void {
    this.readUnits += unitsOf(bytes, 4_096) * (isConsistent ? 1 : 0.5);
  }
}

const unitsOf = (bytes: number, unit: number): number => Math.max(1, Math.ceil(bytes / unit));
