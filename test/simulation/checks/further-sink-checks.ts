/**
 * A second output, which takes a part of what the first one has and writes something else of it: it has that part of each
 * committed batch and nothing else, each once for a reader that drops repeats, under its own identities.
 */
import { furtherName, isAudited } from '../world/further-output.ts';
import type { Scenario } from '../world/scenario.ts';
import type { DetachedCheck } from './detached-check.ts';
import { Fold, placeIn, recordName, versionName } from './fold.ts';
import type { SealedOutputCheck } from './sealed-check.ts';
import type { SinkEntry } from './sink-checks.ts';
import type { Report } from './violation.ts';

type Identity = Readonly<Record<string, unknown>>;
type Audit = { readonly audited?: string; readonly events?: number };

type Parts = {
  readonly report: Report;
  readonly scenario: Scenario;
  readonly isSealed: (batchId: number, ref: number) => boolean;
  readonly mayRepeat: () => boolean;
  readonly sealed: SealedOutputCheck;
  readonly detached: DetachedCheck | undefined;
};

export class FurtherSinkChecks {
  readonly #parts: Parts;
  readonly #byIdentity = new Map<string, string>();
  readonly #events = new Set<string>();
  readonly #versionsOfBatch = new Map<string, Set<string>>();
  readonly #rows: { readonly identity: Identity; readonly audit: Audit }[] = [];
  /** Of batches that no reader keeps a row of. */
  #isLeftBehind: (batchId: number, ref: number) => boolean = () => false;
  fold = new Fold();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  arrived({ Data }: SinkEntry): void {
    const { report, scenario, mayRepeat } = this.#parts;
    const text = new TextDecoder().decode(Data);
    const { _sluice: identity, ...audit } = JSON.parse(text) as Audit & { readonly _sluice?: Identity };
    if (identity?.output !== furtherName) {
      report('outputs', `a record of another output, or of none: ${text}`);
      return;
    }
    if (!(identity.retracted === true ? this.#isRetraction(audit) : this.#isAudit(audit, identity)))
      report('outputs', `what this output's filter and map do not make: ${text}`);
    const name = recordName(identity);
    const content = JSON.stringify(audit);
    const first = this.#byIdentity.get(name);
    if (first !== undefined && !mayRepeat())
      report('repeats', `${name} came twice, and nothing has crashed or was lost`);
    if (first !== undefined && first !== content)
      report('R2', `one identity ${name}, two contents: ${first} and ${content}`);
    this.#byIdentity.set(name, content);
    if (scenario.kind === 'map-only') this.#mapped(identity, first === undefined);
    else this.#reduced(identity, audit);
    if (first === undefined && scenario.kind !== 'map-only')
      this.#parts.detached?.arrived(String(placeIn(identity as never).key), Number(identity.batch));
  }

  /** The pipeline goes on from an earlier batch: before the one that says so, these hold of all there were. */
  wentBack(live: ReadonlySet<string>, restored: number): void {
    this.#isLeftBehind = (batchId, ref) => batchId < restored && !live.has(`${batchId}#${ref}`);
    this.fold = new Fold();
    for (const { identity, audit } of this.#rows) this.#take(identity, audit);
  }

  /** So many records of it. */
  hasEvent(place: string, records: number): boolean {
    return Array.from({ length: records }).every((_, index) => this.#events.has(`${place} ${index}`));
  }

  /** By name of the version. */
  versionsOf(batchId: number, ref: number): ReadonlySet<string> {
    return this.#versionsOfBatch.get(`${batchId}#${ref}`) ?? new Set();
  }

  #isAudit(audit: Audit, identity: Identity): boolean {
    const { audited: key = '', events } = audit;
    const [own = ''] = this.#parts.scenario.kind === 'map-only' ? [key] : JSON.parse(placeIn(identity).key);
    const isOwn = Object.keys(audit).join() === 'audited,of,events' && key === own;
    return isOwn && isAudited(this.#parts.scenario, { key, ...(events === undefined ? {} : { events }) });
  }

  #mapped(identity: Identity, isFirst: boolean): void {
    this.#events.add(placeOf(identity));
    if (isFirst) this.#parts.sealed.arrived(identity);
  }

  /** No callback sees it: it has the names of the row. */
  #isRetraction(audit: Audit): boolean {
    const { isOneGroup, ttlMs } = this.#parts.scenario;
    const names = isOneGroup === true ? [] : ['key'];
    const columns = ttlMs === undefined ? ['windowStart', 'windowEnd'] : [];
    return Object.keys(audit).join() === [...names, ...columns].join();
  }

  #reduced(identity: Identity, audit: Audit): void {
    const { batch, ref } = identity;
    if (!this.#parts.isSealed(Number(batch), Number(ref)))
      this.#parts.report('R1', `the further output has batch ${batch} ref ${ref}, which is not sealed`);
    const name = `${batch}#${ref}`;
    const versions = this.#versionsOfBatch.get(name) ?? new Set<string>();
    versions.add(versionName(identity));
    this.#versionsOfBatch.set(name, versions);
    this.#rows.push({ identity, audit });
    this.#take(identity, audit);
  }

  #take(identity: Identity, audit: Audit): void {
    if (!this.#isLeftBehind(Number(identity.batch), Number(identity.ref))) this.fold.take(identity, audit);
  }
}

const placeOf = ({ shard, sequence, sub, index }: Identity): string => `${shard} ${sequence} ${sub} ${index}`;
