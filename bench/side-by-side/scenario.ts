/** What is measured beside what: a scenario has variants, each runs in a process of its own, and takes its turn again and again. */

/** Where the stub of the services listens, over TLS. */
export type Stub = {
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
};

/** What a variant makes of its work: the same of each, or the comparison is of nothing. */
export type Answer = {
  /** Events, calls or whatever the scenario counts in. */
  readonly units: number;
  /** Equal for all variants of a scenario. Undefined: there is nothing to compare. */
  readonly digest?: string;
  /** What is compared of all units in place of the processor time, if the scenario is about that. */
  readonly amount?: number;
  /** The most memory of what was measured, if that is no variant's own process. */
  readonly peakMb?: number;
};

/** A module that a variant's process loads has this as its default export. */
export type Variant<Settings = Readonly<Record<string, unknown>>> = (
  stub: Stub,
  settings: Settings,
) => Promise<{
  /** Once: `calls` answers, or whatever the scenario is made of. */
  run(calls: number): Promise<Answer>;
}>;

export type VariantPlace = {
  readonly name: string;
  /** Its module, from the root of the repository. */
  readonly module: string;
  /** Of this variant, beside those of the scenario. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Node's own, beside the usual ones. */
  readonly nodeFlags?: readonly string[];
};

export type Scenario = {
  readonly name: string;
  /** One line: what is done, and what a unit is. */
  readonly what: string;
  /** What is compared. Absent: microseconds of processor time. */
  readonly measure?: string;
  /** The first is Sluice. */
  readonly variants: readonly VariantPlace[];
  /** What the stub answers with. Absent: nothing is asked of it. */
  readonly answers?: AnswerShape;
  /** How much of it is one turn. */
  readonly callsATurn: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Of peers, what was measured; the gate asks for 70 % of those of two and more. */
  readonly ratios?: Readonly<Record<string, number>>;
};

/** What a call of GetRecords brings. */
export type AnswerShape = {
  readonly records: number;
  /** Of a payload, roughly. */
  readonly bytes: number;
  readonly keys: number;
  /** In one record, aggregated as producers do it. Undefined: a record is an event. */
  readonly eventsARecord?: number;
};
