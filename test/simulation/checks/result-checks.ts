/**
 * What a committed batch gave out, held against the direct computation: each version of a result with its values, each row that is
 * taken back, what a reader has who keeps the latest of each, the counts, and the state that is left (S10, R3).
 */
import { deadLetterPartitions, deadLettersOfRecord } from '../../../functions/adapters/dynamodb/keys.ts';
import type { AggregateFunction } from '../../../functions/aggregates/aggregate-function.ts';
import { isSavedFor } from '../../../functions/core/fitted-windows.ts';
import { keyGroupOf } from '../../../functions/core/key-group.ts';
import type { BatchBody } from '../../../functions/core/model.ts';
import type { OutputCounts } from '../../../functions/core/output-counts.ts';
import type { GivenRun, SavedWindow } from '../../../functions/core/saved-windows.ts';
import { namedBy } from '../../../functions/core/state/manifest.ts';
import { withoutUserCode } from '../../../functions/core/unmerged.ts';
import { mainOutput } from '../../../functions/pipeline/outputs.ts';
import { isSideOutput, letterOutput } from '../../../functions/pipeline/side-outputs.ts';
import { nameOf, type Version } from '../../windows/direct-computation.ts';
import type { StoredItem } from '../services/dynamodb/simulated-dynamodb.ts';
import type { Dimensions } from '../world/dimensions.ts';
import { furtherName, isRefused } from '../world/further-output.ts';
import { ownOf } from '../world/other-aggregates.ts';
import { pipelineOf } from '../world/pipelines.ts';
import type { Scenario } from '../world/scenario.ts';
import { CountedSince } from './counted-since.ts';
import type { DetachedCheck } from './detached-check.ts';
import {
  type Expected,
  type ExpectedResult,
  type ExpectedResults,
  type Kept,
  keyText,
  paneMsOf,
  valuesOf,
  versionText,
} from './expected-results.ts';
import { versionName } from './fold.ts';
import type { FurtherSinkChecks } from './further-sink-checks.ts';
import type { LetterSinkChecks } from './letter-sink-checks.ts';
import { MergeCheck } from './merge-check.ts';
import { type Contained, wrongOf } from './more-results.ts';
import { fateOfRow, type RowFate, rowsOfResult } from './row-fates.ts';
import type { Output, SinkChecks } from './sink-checks.ts';
import { pipelineName, type Stored, type StoredState } from './stored.ts';
import type { Report } from './violation.ts';

type Parts = {
  readonly report: Report;
  readonly scenario: Scenario;
  readonly stored: Stored;
  readonly dimensions: Dimensions;
  readonly sink: SinkChecks;
  readonly furtherSink: FurtherSinkChecks;
  readonly detached: DetachedCheck | undefined;
  readonly letterSink: LetterSinkChecks;
  readonly expected: ExpectedResults;
  readonly hasRaisedMemory: () => boolean;
};

type Fated = { readonly result: ExpectedResult; readonly fate: RowFate };

function fateOf(scenario: Scenario, { key, of, unplaced }: ExpectedResult): RowFate {
  if (unplaced !== undefined) return unplaced === 'behind' ? 'filtered' : 'refused';
  return fateOfRow(scenario, key, of.length);
}

export class ResultChecks {
  readonly #parts: Parts;
  readonly #functionsOf: (fingerprint: string) => readonly AggregateFunction[];
  /** Of a group; what keeps events of it out has more. */
  readonly #keys: number;
  readonly #counted = new CountedSince();
  readonly #merges: MergeCheck;
  /** By batch. */
  readonly #fingerprints = new Map<number, string>();
  /** By key group, of the last state: whose it is, and the entries that it has at least. */
  readonly #saved = new Map<number, { readonly fingerprint: string; readonly entries: number }>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#merges = new MergeCheck(parts.report, parts.scenario.stateLimits);
    const versions = [0, 1].map((version) => pipelineOf(parts.scenario, { version, acceptsLoss: true }, 0));
    this.#keys = versions[0]!.aggregation?.keys.length ?? 0;
    this.#functionsOf = (fingerprint) => {
      const aggregation = versions.find((each) => isSavedFor(fingerprint, each.fingerprint))?.aggregation;
      return aggregation === undefined ? [] : withoutUserCode(aggregation);
    };
  }

  committed(body: BatchBody, { results, retractions }: Expected): void {
    const { scenario } = this.#parts;
    this.#takeDefinitions(body);
    const all = results.map((result) => ({ result, fate: fateOf(scenario, result) }));
    const behind = results.filter(({ unplaced }) => unplaced === 'behind');
    this.#parts.dimensions.count('first rows of a window', behind.length);
    for (const name of ['duplicates that are left out', 'events that count once in windows that overlap'] as const)
      this.#parts.dimensions.count(name, this.#parts.expected.duplicates);
    const taken = scenario.ignoresRetractions === true ? [] : retractions;
    this.#count(all, taken);
    this.#checkMain(body, all, taken);
    this.#checkFurther(body, all, taken);
    this.#checkCounts(body, all, taken);
    this.#checkLetters(body, all);
    this.checkState(body);
  }

  #checkMain(body: BatchBody, all: readonly Fated[], taken: readonly Version[]): void {
    const { detached, stored, sink } = this.#parts;
    const toMain = all.map(({ result }) => result).filter(({ to }) => to.includes(mainOutput));
    const back = taken.filter(({ to }) => to.includes(mainOutput));
    const check = (isKept: boolean) => {
      for (const { result, fate } of all) {
        if (fate === 'sent')
          for (const row of rowsOfVersion(result)) this.#checkRow(body, { result, row, taken, isKept });
      }
      for (const version of back)
        for (const row of rowsOfVersion(version)) this.#checkRetraction(body, version, { row, isKept });
      this.#checkSink(body, [...toMain, ...back]);
    };
    const right = [...toMain.flatMap(this.#namesIn(false)), ...back.flatMap(this.#namesIn(true))];
    const found = () => sink.resultsOf(body.batchId, body.ref);
    const part = { output: mainOutput, right, found, whenSent: () => check(true) };
    if (detached?.committed(body, stored.head(), part) !== true) check(false);
  }

  /** Of versions, those of their rows. */
  readonly #namesIn = (retracted: boolean) => (version: Version) =>
    rowsOfVersion(version).map((row) =>
      versionName(JSON.parse(versionText(version, { scenario: this.#parts.scenario, retracted, row }))),
    );

  /** By which definitions the batch was read, and the state of each key group that it changes was put. */
  #takeDefinitions({ batchId, ref, fingerprint, states }: BatchBody): void {
    const { stored } = this.#parts;
    this.#fingerprints.set(batchId, fingerprint);
    this.#counted.read(batchId, fingerprint);
    for (const [group, named] of states.entries()) {
      if (named?.batchId !== batchId) continue;
      const state = stored.state(group, batchId, ref);
      const saved = state?.fingerprint ?? fingerprint;
      this.#counted.reduced(group, batchId, saved);
      const before = this.#saved.get(group);
      if (before !== undefined && before.fingerprint !== saved) this.#rewritten(group, batchId, before.entries);
      this.#saved.set(group, {
        fingerprint: saved,
        entries: state === undefined ? 0 : stored.leastEntries(group, state),
      });
    }
  }

  #rewritten(group: number, batchId: number, entries: number): void {
    const { report, scenario, dimensions, hasRaisedMemory } = this.#parts;
    dimensions.count('states that are rewritten');
    const { reducerBytes = Number.POSITIVE_INFINITY } = scenario;
    if (entries * bytesOfEntry > reducerBytes && !hasRaisedMemory())
      report(
        'memory',
        `batch ${batchId} writes ${entries} entries of key group ${group} anew, for which there is no room`,
      );
  }

  /** What a reader has who has read everything. */
  drained(): void {
    const { scenario, report, expected, sink, furtherSink } = this.#parts;
    if (scenario.kind === 'map-only' || scenario.ignoresRetractions === true) return;
    for (const [output, fold] of [
      ['main', sink.fold],
      [furtherName, furtherSink.fold],
    ] as const) {
      if (this.#parts.detached?.lacksSomeOf(output) === true) continue;
      const latest = Array.from(fold.rows(), ([key, row]) => [key, Number(row.events)] as const);
      const held = new Map(scenario.discards === true ? fold.sums() : latest);
      for (const [name, of] of expected.rowsOf(output)) {
        const [key = '', start, end] = splitName(name);
        for (let row = 0; row < rowsOfResult(scenario, of.length); row++) {
          const place = `${keyText(scenario, key)} ${start} ${end} ${row}`;
          if (held.get(place) !== of.length)
            report('fold', `${output}: of ${place} a reader has ${held.get(place)} events; there are ${of.length}`);
          held.delete(place);
        }
      }
      for (const [place, events] of held)
        report('fold', `${output}: of ${place} a reader has ${events} events, and no row holds`);
    }
  }

  #count(all: readonly Fated[], taken: readonly Version[]): void {
    const { dimensions, scenario } = this.#parts;
    for (const { result, fate } of all) {
      if (fate === 'refused') dimensions.count('failing user code');
      if (result.revision > 0) dimensions.count('corrected results');
      if (result.timing === 'late') dimensions.count('allowed lateness');
      if (result.timing === 'early') dimensions.count('update mode');
      if (scenario.mode === 'complete') dimensions.count('complete mode');
      if (scenario.discards === true && result.revision > 0) dimensions.count('results of what is new');
      if (result.final && result.revision > 0) dimensions.count('last corrections');
      if (scenario.rowRule !== undefined && fate === scenario.rowRule) dimensions.count('rows that are left out');
      if (fate === 'sent') dimensions.count('several rows of a result', result.rows[1] - 1);
    }
    dimensions.count('rows that are taken back', rowsInAll(taken));
  }

  #checkRow(
    body: BatchBody,
    of: {
      readonly result: ExpectedResult;
      readonly row: number;
      readonly taken: readonly Version[];
      /** Later ones are there as well by now. */
      readonly isKept: boolean;
    },
  ): void {
    const { result, row, taken, isKept } = of;
    const { report, scenario, sink } = this.#parts;
    const found = this.#found(body, result, { row, retracted: false });
    if (found === undefined) return;
    if (found.place !== result.place)
      report('results', `${nameOf(result)} has place ${found.place}, and stands at ${result.place}`);
    if (scenario.hasSeveralRows === true && found.part !== row)
      report('results', `row ${row} of ${nameOf(result)} is ${found.part}`);
    const right = this.#valuesOf(body, result, found);
    const told = Object.fromEntries(Object.keys(right).map((name) => [name, found[name]]));
    if (Object.entries(right).some(([name, value]) => told[name] !== value))
      report('results', `${JSON.stringify(found)}; expected ${JSON.stringify(right)}`);
    const wrong = scenario.moreAggregates && wrongOf(found, result.of, this.#timeOf);
    if (wrong !== undefined) report('results', `${nameOf(result)}: ${wrong}`);
    // A total whose key is forgotten with the batch is given out before.
    const isLatest = !taken.some((version) => version.key === result.key && version.revision > result.revision);
    const isHeld = !isKept && (scenario.ttlMs === undefined || isLatest);
    if (isHeld && sink.fold.latestOf(placeOf(scenario, result, row)) !== found)
      report('fold', `${nameOf(result)}: a reader has not what batch ${body.batchId} gives out`);
  }

  #valuesOf({ batchId, parallelism }: BatchBody, { key, of }: ExpectedResult, found: Output) {
    const { scenario, dimensions } = this.#parts;
    const { least, ...others } = valuesOf(of, scenario);
    if (scenario.otherAggregates !== true) return { least, ...others };
    const name = ownOf(Number(found.code));
    const group = keyGroupOf(keyText(scenario, key), parallelism);
    const counted = this.#counted.countedBy(name, of, { group, batchId, isHandedOn: scenario.top !== undefined });
    if (counted.length < of.length) dimensions.count('aggregates that change');
    const values = counted.map(({ event: { value } }) => value);
    const limit = name === 'least' ? Math.min : Math.max;
    // What the other code has is no column.
    return { ...others, least: undefined, large: undefined, [name]: values.length === 0 ? null : limit(...values) };
  }

  #checkRetraction(
    body: BatchBody,
    version: Version,
    { row, isKept }: { readonly row: number; readonly isKept: boolean },
  ): void {
    const { report, scenario, sink } = this.#parts;
    const found = this.#found(body, version, { row, retracted: true });
    if (found === undefined) return;
    const columns = scenario.ttlMs === undefined ? ['windowStart', 'windowEnd'] : [];
    const names = [...(scenario.isOneGroup === true ? [] : ['key']), ...columns, '_sluice'];
    if (scenario.ttlMs !== undefined) this.#parts.dimensions.count('totals that are forgotten');
    if (Object.keys(found).sort().join() !== names.sort().join())
      report('results', `${JSON.stringify(found)}: a row that is taken back has keys and window alone`);
    if (!isKept && sink.fold.latestOf(placeOf(scenario, version, row)) !== undefined)
      report('fold', `${nameOf(version)}: a reader still has what batch ${body.batchId} takes back`);
  }

  /** R3 */
  #found(
    body: BatchBody,
    version: Version,
    of: { readonly row: number; readonly retracted: boolean },
  ): Output | undefined {
    const { report, scenario, sink } = this.#parts;
    const right = versionText(version, { scenario, ...of });
    const { batchId, ref } = body;
    const found = sink.resultOf(versionName(JSON.parse(right)), batchId, ref);
    if (found === undefined) report('R3', `batch ${batchId} is committed; its result ${right} is not in the sink`);
    else if (versionIn(found._sluice) !== right)
      report('version', `${versionIn(found._sluice)} of ${nameOf(version)}; expected ${right}`);
    return found;
  }

  #checkSink({ batchId, ref }: BatchBody, toMain: readonly Version[]): void {
    const { report, sink } = this.#parts;
    const count = sink.outputsOf(batchId, ref);
    if (count !== rowsInAll(toMain))
      report('results', `batch ${batchId}: ${count} results in the sink, ${rowsInAll(toMain)} expected`);
  }

  #checkFurther(body: BatchBody, all: readonly Fated[], taken: readonly Version[]): void {
    const { report, furtherSink, scenario, dimensions, stored } = this.#parts;
    if (scenario.further === undefined) return;
    const isForIt = ({ to }: Version): boolean => to.includes(furtherName);
    const rows = all.map(({ result }) => result).filter(isForIt);
    const back = taken.filter(isForIt);
    dimensions.count('a second output', rows.length);
    dimensions.count('rows that one output alone takes back', taken.filter(({ to }) => to.length === 1).length);
    const right = [...rows.flatMap(this.#namesIn(false)), ...back.flatMap(this.#namesIn(true))].sort();
    const there = () => furtherSink.versionsOf(body.batchId, body.ref);
    const part = { output: furtherName, right, found: there };
    if (this.#parts.detached?.committed(body, stored.head(), part) === true) return;
    const found = [...furtherSink.versionsOf(body.batchId, body.ref)].sort();
    if (found.join() !== right.join())
      report('outputs', `batch ${body.batchId}: the second output has [${found}], expected [${right}]`);
  }

  /** Rows reconcile as events do: results + retracted = emitted + filtered + refused, in all and of each output. */
  #checkCounts(body: BatchBody, all: readonly Fated[], taken: readonly Version[]): void {
    const { report, stored, scenario, dimensions } = this.#parts;
    const of = (...fates: readonly RowFate[]) => all.filter(({ fate }) => fates.includes(fate));
    const sent = of('sent');
    const filtered = of('filtered').length;
    const refused = of('refused', 'deadly').length;
    const partly = sent.filter(({ result }) => isRefused(scenario, result.key)).length;
    dimensions.count('an output that refuses', partly);
    // Of what has a letter nobody asks how many rows it would have been.
    const whole = sent.filter(({ result }) => !isRefused(scenario, result.key)).map(({ result }) => result);
    const retracted = retractedIn(taken);
    const right = {
      results: all.length,
      made: rowsInAll(whole) - whole.length,
      retracted,
      emitted: rowsInAll(whole) + retracted,
      filtered,
      refused: refused + partly,
    };
    const { rows, refusedRows = [], counters } = stored.progress(body.batchId, body.ref) ?? {};
    for (const [name, count] of Object.entries(right)) {
      const told = rows?.[name as keyof typeof right] ?? 0;
      if (told !== count) report('counts', `batch ${body.batchId}: rows ${name} ${told}; they come to ${count}`);
    }
    const sum = refusedRows.reduce((total, { count }) => total + count, 0);
    if (sum !== right.refused)
      report('counts', `batch ${body.batchId}: ${right.refused} rows are refused, of which ${sum} by reason`);
    if (counters?.emitted !== right.emitted)
      report('report', `batch ${body.batchId}: ${counters?.emitted} results emitted, ${right.emitted} expected`);
    if (scenario.further === undefined || all.length + taken.length === 0) return;
    const backOf = (output: string): number => rowsInAll(taken.filter(({ to }) => to.includes(output)));
    const ofMain = sent.map(({ result }) => result);
    const ofFurther = rowsInAll(whole.filter(({ to }) => to.includes(furtherName)));
    checkOutputCounts(body, this.#parts, {
      main: {
        ...{ emitted: rowsInAll(ofMain) + backOf('main'), filtered, refused },
        ...{ made: rowsInAll(ofMain) - ofMain.length, retracted: backOf('main') },
      },
      [furtherName]: {
        ...{ emitted: ofFurther + backOf(furtherName), refused: refused + partly },
        filtered: filtered + rowsInAll(whole) - ofFurther,
        ...{ made: rowsInAll(whole) - whole.length, retracted: backOf(furtherName) },
      },
    });
  }

  /** What orders events: their own time, or that of their arrival. */
  readonly #timeOf = ({ event, arrival }: Contained): number =>
    this.#parts.scenario.kind === 'per-batch' ? arrival : event.at;

  /** S10: the state is what is open of everything committed, no more and no less, and what was given out of it. */
  checkState(body: BatchBody): void {
    const { report, stored, scenario, expected } = this.#parts;
    const found = new Set<string>();
    for (let group = 0; group < body.parallelism; group++) {
      const named = body.states[group] ?? null;
      const state = named === null ? undefined : stored.state(group, named.batchId, named.ref);
      const saved = state?.fingerprint ?? this.#fingerprints.get(named?.batchId ?? -1) ?? body.fingerprint;
      const windowsOfGroup = state === undefined ? undefined : stored.windows(group, state, this.#functionsOf(saved));
      if (state !== undefined && named?.batchId === body.batchId) {
        this.#countSegments(state);
        this.#merges.reduced(group, body.batchId, state.manifest);
      }
      if (named !== null && windowsOfGroup === undefined) {
        report('S11', `state of key group ${group} after batch ${body.batchId} is not there`);
        return;
      }
      for (const [keyValues, windows, runs = []] of windowsOfGroup ?? []) {
        const key = JSON.stringify(keyValues);
        if (keyGroupOf(JSON.stringify(keyValues.slice(0, this.#keys)), body.parallelism) !== group)
          report('S10', `${key} is in key group ${group} of ${body.parallelism} after batch ${body.batchId}`);
        // What keeps events of a key out is no pane.
        const counted = keyValues.length > 1 ? windows : this.#panesIn(windows);
        for (const [start, end, [events = 0], given] of counted)
          found.add(textOfKept(key, { start, end, events, given }));
        for (const text of this.#textsOfRuns(key, runs, body)) found.add(text);
      }
    }
    for (const kept of expected.kept) {
      const { start, end, events } = kept;
      const key = kept.canonical ?? keyText(scenario, kept.key);
      const text = textOfKept(key, { start, end, events, given: savedGiven(scenario, kept) });
      if (!found.delete(text)) report('S10', `the state after batch ${body.batchId} should have ${text}`);
    }
    for (const kept of expected.givenOfOverlapping) {
      const text = textOfGiven(keyText(scenario, kept.key), kept.end, savedGiven(scenario, kept));
      if (!found.delete(text)) report('S10', `the state after batch ${body.batchId} should have ${text}`);
      else this.#parts.dimensions.count('corrections of windows that overlap');
    }
    for (const extra of found) report('S10', `the state after batch ${body.batchId} has ${extra}`);
  }

  #countSegments({ manifest }: StoredState): void {
    const { dimensions } = this.#parts;
    dimensions.count('state in segments', namedBy(manifest).length > 0 ? 1 : 0);
    dimensions.count('segments that are merged', manifest.runs.filter(({ level }) => level > 0).length);
    dimensions.count('merges over several batches', manifest.runs.filter(({ rest }) => rest !== undefined).length);
  }

  /** What was given out of windows that overlap, if they are not over: of those it may be said for a while. */
  #textsOfRuns(key: string, runs: readonly GivenRun[], { watermarkOut }: BatchBody): readonly string[] {
    const { scenario, expected } = this.#parts;
    const texts: string[] = [];
    for (const [first, last, given] of runs) {
      for (let end = first; end <= last; end += scenario.slideMs!) {
        if (watermarkOut === null || !expected.isOver(end, watermarkOut)) texts.push(textOfGiven(key, end, given));
      }
    }
    return texts;
  }

  /** What events were counted in; what lies above has to come to the same. */
  #panesIn(windows: readonly SavedWindow[]): readonly SavedWindow[] {
    const { report, scenario, dimensions } = this.#parts;
    if (scenario.slideMs === undefined) return windows;
    const paneMs = paneMsOf(scenario);
    const panes = windows.filter(([start, end]) => end - start === paneMs);
    for (const [start, end, [events]] of windows) {
      if (end - start === paneMs) continue;
      const below = panes.filter((pane) => start <= pane[0] && pane[1] <= end);
      const right = below.reduce((sum, [, , [each]]) => sum + (each as number), 0);
      dimensions.count('panes above panes');
      if (events !== right) report('S10', `a pane from ${start} to ${end} has ${events}; those below have ${right}`);
    }
    return panes;
  }

  /** What an output refuses is in the others, and has a letter. */
  #checkLetters(body: BatchBody, all: readonly Fated[]): void {
    const { report, scenario } = this.#parts;
    const letters = this.#lettersOf(body);
    const isRefusedRow = ({ result, fate }: Fated): boolean =>
      fate === 'refused' || fate === 'deadly' || (fate === 'sent' && isRefused(scenario, result.key));
    const found = letters.map((letter) => versionIn(JSON.parse(letter.resultIdentity?.S ?? '{}'))).sort();
    // Each of two outputs that give it up has one.
    const lettersOf = ({ fate }: Fated): number => (fate === 'deadly' && scenario.calls?.kills === true ? 2 : 1);
    const right = all
      .filter(isRefusedRow)
      .flatMap((one) => Array<string>(lettersOf(one)).fill(versionText(one.result, { scenario, retracted: false })))
      .sort();
    if (found.join() !== right.join())
      report('dead letters', `batch ${body.batchId}: refused results [${found}], expected [${right}]`);
    if (scenario.hasLetterOutput === true) this.#checkLettersSent(body, right.length);
    const crashed = letters.filter(({ reason }) => reason?.S === 'crashed-reducer').length;
    const deadly = all.filter(({ fate }) => fate === 'deadly').reduce((sum, one) => sum + lettersOf(one), 0);
    if (crashed !== deadly)
      report('dead letters', `batch ${body.batchId}: ${crashed} rows that died, expected ${deadly}`);
  }

  #checkLettersSent(body: BatchBody, right: number): void {
    const { report, letterSink, detached, stored } = this.#parts;
    const check = () => {
      const told = letterSink.ofRows(body);
      if (told !== right)
        report('letters', `batch ${body.batchId}: ${told} letters of rows are in their output, expected ${right}`);
    };
    const names = (count: number) => Array.from({ length: count }, (_, at) => `letter ${at} of rows`);
    const found = () => new Set(names(letterSink.ofRows(body)));
    const part = { output: letterOutput, right: names(right), found, whenSent: check };
    if (detached?.committed(body, stored.head(), part) !== true) check();
  }

  #lettersOf({ batchId, ref, parallelism }: BatchBody): readonly StoredItem[] {
    const items = deadLetterPartitions(pipelineName).flatMap((pk) => this.#parts.stored.items(pk));
    if (items.length === 0) return [];
    // Those of rows that calls give up name their output.
    const names = ['', '-main', `-${furtherName}`].map((of) => `${batchId}-${ref}${of}`);
    // The gathering step is one more.
    const groups = Array.from({ length: parallelism + 1 }, (_, group) => `group-${group}`);
    const records = groups.flatMap((shardId) => names.map((name) => ({ shardId, name })));
    return records.flatMap(({ shardId, name }) => {
      const prefix = deadLettersOfRecord({ source: 'results', shardId }, name);
      // What is too large for one item goes on in others, with one more part in their names.
      const parts = prefix.split('#').length;
      return items.filter(({ sk }) => sk?.S?.startsWith(prefix) && sk.S.split('#').length <= parts);
    });
  }
}

/** Of one that is written anew. */
const bytesOfEntry = 900;

/** Of each output: emitted + filtered + refused is all that came to them, and what was taken back. */
export function checkOutputCounts(
  { batchId, ref, blocks }: BatchBody,
  { report, stored, scenario }: Pick<Parts, 'report' | 'stored' | 'scenario'>,
  right: OutputCounts,
): void {
  if (scenario.kind === 'map-only' && blocks.length === 0) return;
  const { outputs } = stored.progress(batchId, ref) ?? {};
  const textOf = (counts: OutputCounts = {}) =>
    Object.entries(counts)
      // What is late has its own check.
      .filter(([output]) => !isSideOutput(output))
      .map(([output, { emitted, filtered, refused, made = 0, retracted = 0 }]) =>
        [output, emitted, filtered, refused, made, retracted].join(' '),
      )
      .sort()
      .join();
  if (textOf(outputs) !== textOf(right))
    report('outputs', `batch ${batchId} reports ${textOf(outputs)}; what was put comes to ${textOf(right)}`);
}

const placeOf = (scenario: Scenario, { key, window }: Version, row: number) => ({
  ...{ window, key: keyText(scenario, key), row },
});

const rowsOfVersion = ({ rows: [first, upTo] }: Version): readonly number[] =>
  Array.from({ length: upTo - first }, (_, at) => first + at);

const rowsInAll = (versions: readonly Version[]): number =>
  versions.reduce((sum, { rows: [first, upTo] }) => sum + upTo - first, 0);

/** Of each result that loses rows, those of the output that loses most. */
function retractedIn(taken: readonly Version[]): number {
  // A total that is forgotten takes back what the same batch has given out.
  const byVersion = Map.groupBy(taken, (version) => `${nameOf(version)} ${version.revision}`);
  return [...byVersion.values()].reduce(
    (sum, versions) => sum + Math.max(...versions.map(({ rows: [first, upTo] }) => upTo - first)),
    0,
  );
}

/** As `nameOf` joins it: keys have spaces. */
function splitName(name: string): readonly string[] {
  const parts = name.split(' ');
  return [parts.slice(0, -2).join(' '), ...parts.slice(-2)];
}

function textOfKept(
  key: string,
  { start, end, events, given }: { start: number; end: number; events: unknown; given: unknown },
): string {
  return `${key} ${start} ${end}: ${events}${given === undefined ? '' : ` ${JSON.stringify(given)}`}`;
}

const textOfGiven = (key: string, end: number, given: unknown): string =>
  `${key} a window that ends at ${end}: ${JSON.stringify(given)}`;

/** As state has it: which outputs is said where not all have the row. */
function savedGiven({ further }: Scenario, { given }: Kept): unknown {
  if (given === undefined) return undefined;
  const { versions, outputs, rows } = given;
  const isAll = outputs.length === (further === undefined ? 1 : 2);
  if (outputs.length === 0) return [versions, 0];
  return isAll ? [versions, rows] : [versions, rows, outputs];
}

/** What an identity says beside where its record was made. */
function versionIn(identity: Readonly<Record<string, unknown>> = {}): string {
  const { v: _, pipeline: _pipeline, output: _output, generation, batch, ref, group, index, ...version } = identity;
  return JSON.stringify(version);
}
